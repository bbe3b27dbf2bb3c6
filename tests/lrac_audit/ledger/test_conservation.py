"""Nothing is lost between rows, stages, sides, bytes and tables, whatever the design."""

from __future__ import annotations

from collections import defaultdict

from hypothesis import strategies as st

from lrac_audit import CodecDesign, audit
from lrac_audit.ledger.conventions import CONVENTIONS
from lrac_audit.ledger.row import RVQ_FORMS, RvqForm
from tests.random_designs import designs
from tests.sweeps import random_cases

PARENTS = {
    "transmit": ("encoder", "rvq_transmit"),
    "receive": ("rvq_receive", "decoder"),
    "overall": ("transmit", "receive"),
}
PART_OF = {
    ("transmit", "encoder"): "encoder",
    ("transmit", "rvq"): "rvq_transmit",
    ("receive", "rvq"): "rvq_receive",
    ("receive", "decoder"): "decoder",
}


FORM = st.sampled_from(RVQ_FORMS)


@random_cases(st.tuples(designs(), FORM, st.sampled_from(sorted(CONVENTIONS))), 25, 60)
def test_rows_sum_to_totals_in_every_mode(drawn: tuple[CodecDesign, RvqForm, str]) -> None:
    design, rvq, convention = drawn
    for layers in design.quantizer.mode_layers:
        kbps = design.bitrate_kbps(layers)
        document = audit(design, rvq=rvq, convention=convention, bitrate_kbps=kbps).document()
        sums: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
        for layer in document["layers"]:
            for key in ("macs_per_frame", "flops_per_frame"):
                sums[PART_OF[layer["side"], layer["stage"]]][key] += layer[key]
        complexity = document["complexity"]
        for part in PART_OF.values():
            for key in ("macs_per_frame", "flops_per_frame"):
                assert complexity[part][key] == sums[part][key]
        for parent, children in PARENTS.items():
            for key in ("macs_per_frame", "flops_per_frame"):
                assert complexity[parent][key] == sum(complexity[c][key] for c in children)


@random_cases(st.tuples(designs(), FORM), 25, 60)
def test_stored_values_and_delays_sum_to_totals(drawn: tuple[CodecDesign, RvqForm]) -> None:
    design, rvq = drawn
    document = audit(design, rvq=rvq).document()
    samples = 0
    for side in ("transmit", "receive"):
        rows = [layer for layer in document["layers"] if layer["side"] == side]
        memory = document["memory"][side]
        assert sum(row["stored_values"] for row in rows) == sum(memory["stored_values"].values())
        assert sum(row["state_values"] for row in rows) == memory["state_values"]
        assert memory["state_bytes"] == 4 * memory["state_values"]
        samples += sum(row["delay_samples"] for row in rows)
    assert document["latency"]["total_samples"] == samples + document["design"]["hop_samples"]


@random_cases(designs(), 25, 60)
def test_rows_have_unique_names_and_known_fates(design: CodecDesign) -> None:
    document = audit(design).document()
    names = [(layer["side"], layer["name"]) for layer in document["layers"]]
    assert len(names) == len(set(names))
    for layer in document["layers"]:
        assert layer["fate"] in ("counted", "ignored")
        assert bool(layer["reason"]) == (layer["fate"] == "ignored")


@random_cases(designs(), 20, 60)
def test_conventions_order_as_their_definitions_say(design: CodecDesign) -> None:
    cost = {
        name: audit(design, convention=name).document()["complexity"]["overall"]["flops_per_frame"]
        for name in CONVENTIONS
    }
    assert cost["lrac-2025"] == 2 * cost["macs"]
    assert cost["lrac-2025-no-search"] < cost["lrac-2025"] < cost["full"] <= cost["wmops-estimate"]
