"""Tables in LaTeX: the paper's layout, escaped, and compiled where there is a LaTeX."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from lrac_audit.console.layout import Column
from lrac_audit.report.content import TypesetContent, TypesetPart, TypesetTable
from lrac_audit.report.formats.latex_format import LatexFormat, escaped
from tests.conftest import Result

Run = Callable[..., Result]
HOSTILE = (
    r"\input{/etc/hostname} $x_1^2$ 50% #1 {a} ~b --- ``q'' <t> |x| [y] * & \\ \end{table}" + "\x07"
)
DOCUMENT = r"""\documentclass{article}
\usepackage[T1]{fontenc}
\usepackage{booktabs,longtable}
\begin{document}
%s
\end{document}
"""


class Tables(TypesetContent):
    def __init__(self, *tables: TypesetTable) -> None:
        self._tables = tables

    def typeset_tables(self) -> Sequence[TypesetTable]:
        return self._tables


def compiled(tmp_path: Path, body: str) -> str:
    """Compile a document with ``body``, and return the log; any error of LaTeX fails the test."""
    program = shutil.which("pdflatex")
    if program is None:
        pytest.skip("pdflatex is not installed")
    (tmp_path / "paper.tex").write_text(DOCUMENT % body, encoding="utf-8")
    command = [
        program,
        "-interaction=nonstopmode",
        "-halt-on-error",
        "-no-shell-escape",
        "paper.tex",
    ]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout[-2000:]
    return done.stdout


def test_every_character_is_escaped() -> None:
    assert escaped(r"\a{b}$c&d#e_f%g~h^i") == (
        r"\textbackslash{}a\{b\}\$c\&d\#e\_f\%g\textasciitilde{}h\textasciicircum{}i"
    )
    assert escaped("a--b---c ``d'' ,, -e") == "a-{}-b-{}-{}-c `{}`d'{}' ,{}, -e"
    assert escaped("<[*]>|\x07") == (
        r"\textless{}{[}{*}]\textgreater{}\textbar{}\textbackslash{}x07"
    )


def test_hostile_names_compile(tmp_path: Path) -> None:
    columns = [Column(HOSTILE), Column("x", right=True)]
    rows = [[HOSTILE, "-1.5"], ["[4pt] x", "1"], ["* y", ""]]
    short = TypesetTable("a", HOSTILE, columns, [TypesetPart(HOSTILE, rows)])
    long = TypesetTable("b", HOSTILE, columns, [TypesetPart("", [["n", "1"]] * 60)])
    log = compiled(tmp_path, LatexFormat().render(Tables(short, long)))
    assert "hostname" not in log


def test_the_tables_of_an_audit(run: Run, tmp_path: Path) -> None:
    text = run("audit", "track1", "-f", "latex").out
    for line in (
        r"\caption{Complexity and latency of LRAC 2025 Track 1 baseline (RVQ absorbed, "
        r"6 layers on, 6 kbps). Counted by lrac-2025, version 1: 1 MAC = 2 FLOPs.}",
        r"\quad encoder & 188.7360 & 377.4720 & 10 \\",
        r"overall & 345.6768 & 691.3536 & 30 \\",
        r"\multicolumn{6}{l}{\textit{RVQ, transmit}} \\",
        r"blocks.2 & 45.0560 & 90.1120 & 35,072 & 13.03 & 10 \\",
        r"overall & 345.6768 & 691.3536 & 2,467,161 & 100.00 & 30 \\",
    ):
        assert line in text.splitlines()
    long = run("audit", "track2", "-f", "latex", "--by", "layer").out
    assert r"\begin{longtable}" in long
    log = compiled(tmp_path, text + long)
    assert "undefined" not in log
