"use strict";
// Sorting and a filter for the tables that are lists. Without it the page is complete all the same.

const DIRECTIONS = { none: "descending", descending: "ascending", ascending: "descending" };

function valueOf(row, column) {
  const text = row.cells[column].textContent.trim();
  const number = Number(text.replaceAll(",", "").replace(/^\+/, "").replace(/%$/, ""));
  return text !== "" && Number.isFinite(number) ? number : text;
}

// Figures are before words, and empty cells are last, whatever the direction.
function compared(first, second, sign) {
  if (first === second) return 0;
  if (first === "" || second === "") return first === "" ? 1 : -1;
  if (typeof first !== typeof second) return typeof first === "number" ? -1 : 1;
  if (typeof first === "number") return sign * (first - second);
  return sign * first.localeCompare(second, "en", { numeric: true });
}

function sort(table, heading) {
  const direction = DIRECTIONS[heading.getAttribute("aria-sort") ?? "none"];
  const sign = direction === "ascending" ? 1 : -1;
  const body = table.tBodies[0];
  const rows = [...body.rows].map((row) => [valueOf(row, heading.cellIndex), row]);
  rows.sort(([first], [second]) => compared(first, second, sign));
  body.append(...rows.map(([, row]) => row));
  for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
  heading.setAttribute("aria-sort", direction);
}

function makeSortable(table) {
  for (const heading of table.tHead.querySelectorAll("th")) {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...heading.childNodes);
    button.addEventListener("click", () => sort(table, heading));
    heading.append(button);
  }
}

function makeFilter(table) {
  const rows = [...table.tBodies[0].rows];
  const label = document.createElement("label");
  const input = document.createElement("input");
  const count = document.createElement("output");
  input.type = "search";
  input.addEventListener("input", () => {
    const words = input.value.toLowerCase().split(/\s+/);
    for (const row of rows) {
      const text = row.textContent.toLowerCase();
      row.hidden = !words.every((word) => text.includes(word));
    }
    count.value = `${rows.filter((row) => !row.hidden).length} of ${rows.length} rows`;
  });
  label.append("Show rows with ", input);
  const bar = document.createElement("div");
  bar.className = "filter";
  bar.append(label, count);
  table.parentElement.before(bar);
}

const MANY_ROWS = 8;
for (const table of document.querySelectorAll("table[data-list]")) {
  makeSortable(table);
  if (table.tBodies[0].rows.length > MANY_ROWS) makeFilter(table);
}
