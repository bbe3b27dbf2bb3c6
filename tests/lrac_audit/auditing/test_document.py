"""The JSON document of ledgers that were written down by hand, field by field."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from lrac_audit.auditing.audit import Audit
from lrac_audit.auditing.document import audit_document, gate_document
from lrac_audit.auditing.targets import MeasuredTarget
from lrac_audit.ledger.agreement import Agreement, Finding, shown_delay
from lrac_audit.ledger.bitstream import Bitstream, CodeStream
from lrac_audit.ledger.conventions import find_convention
from lrac_audit.ledger.data_dependence import DataDependence
from lrac_audit.ledger.row import Geometry, Ledger, Mode, Row
from lrac_audit.ledger.totals import Totals
from lrac_audit.limits.limit_set import LimitSet
from lrac_audit.limits.verdict import judge

INPUT = Row(
    name="encoder.input", side="transmit", stage="encoder", op="conv",
    geometry=Geometry(1, 4, kernel=3), runs_per_frame=160, work={"conv": 1920, "bias": 640},
    stored_values=16, past_samples=2, state_values=2,
)  # fmt: skip
DOWN = Row(
    name="encoder.down", side="transmit", stage="encoder", op="conv",
    geometry=Geometry(4, 8, kernel=320, stride=160, dilation=1, groups=2), runs_per_frame=1,
    work={"conv": 5120}, stored_values=1288, past_samples=100, delay_samples=60,
    state_values=640, held_values=5,
)  # fmt: skip
SEARCH = Row(
    name="rvq.search", side="transmit", stage="rvq", op="search", geometry=Geometry(8, 16),
    runs_per_frame=1, work={"codebook_search": 128}, stored_values=128, storage="codebook",
)  # fmt: skip
LOOKUP = Row(
    name="rvq.lookup", side="receive", stage="rvq", op="lookup", geometry=Geometry(16, 8),
    runs_per_frame=1, work={"lookup": 8}, stored_values=128, storage="table",
)  # fmt: skip
UP = Row(
    name="decoder.up", side="receive", stage="decoder", op="transposed_conv",
    geometry=Geometry(8, 1, kernel=320, stride=160), runs_per_frame=1,
    work={"transposed_conv": 2560}, stored_values=2561, past_samples=160, delay_samples=32,
    state_values=7, held_values=3,
)  # fmt: skip
ODD = Row(
    name="decoder.odd", side="receive", stage="decoder", op="odd", geometry=Geometry(1, 1),
    runs_per_frame=160, work={"wings": 160},
)  # fmt: skip
LEDGER = Ledger(
    name="by hand",
    sample_rate_hz=16_000,
    hop_samples=160,  # 100 frames a second
    mode=Mode("absorbed", 1, 0.4),
    bitrates_kbps=(0.4, 0.8),
    rows=(INPUT, DOWN, SEARCH, LOOKUP, UP),
)
LIMITS = LimitSet(
    name="own", source="a table", convention="lrac-2025", overall_mflops=3, total_latency_ms=15,
    bitrates_kbps=(1.0,),
)  # fmt: skip


def audited(
    ledger: Ledger = LEDGER, agreement: Agreement | None = None, convention: str = "lrac-2025"
) -> Audit:
    totals = Totals(ledger)
    doubts = agreement.doubts if agreement else ()
    verdict = judge(ledger, totals, LIMITS, find_convention(convention), doubts)
    return Audit(MeasuredTarget("python:a:b"), ledger, totals, verdict, False, agreement)


def missing(expected: Any, found: Any, path: str = "") -> list[str]:
    """The places at which ``found`` lacks what is expected; further fields may be added."""
    if isinstance(expected, dict) and isinstance(found, dict):
        return [
            line
            for key, value in expected.items()
            for line in (missing(value, found[key], f"{path}.{key}") if key in found else [path])
        ]
    return [] if expected == found else [f"{path}: {found!r} is not {expected!r}"]


def cost(macs_per_frame: int, flops_per_frame: int) -> dict[str, Any]:
    return {
        "macs_per_s": macs_per_frame * 100,
        "mflops": pytest.approx(flops_per_frame / 10_000, rel=1e-12),
        "macs_per_frame": macs_per_frame,
        "flops_per_frame": flops_per_frame,
    }


def test_the_head_of_the_document() -> None:
    expected = {
        "schema_version": 1,
        "convention": {
            "name": "lrac-2025",
            "version": 1,
            "flops_per_mac": 2,
            "unit": "MFLOPS",
        },
        "design": {
            "name": "by hand",
            "source": "python:a:b",
            "sample_rate_hz": 16_000,
            "hop_samples": 160,
            "frame_rate_hz": 100.0,
            "bitrates_kbps": [0.4, 0.8],
        },
        "mode": {"rvq": "absorbed", "active_layers": 1, "bitrate_kbps": 0.4},
        "witnesses": None,
        "doubts": [],
    }
    assert missing(expected, audit_document(audited())) == []


def test_the_cost_of_each_part() -> None:
    """1,920 + 5,120 products of the encoder, 128 of the search, 2,560 of the decoder a frame."""
    assert audit_document(audited())["complexity"] == {
        "encoder": cost(7_040, 14_080),
        "rvq_transmit": cost(128, 256),
        "rvq_receive": cost(0, 0),
        "decoder": cost(2_560, 5_120),
        "transmit": cost(7_168, 14_336),
        "receive": cost(2_560, 5_120),
        "overall": cost(9_728, 19_456),
    }
    macs = audit_document(audited(convention="macs"))
    assert macs["complexity"]["overall"] == cost(9_728, 9_728)
    assert macs["convention"]["unit"] == "MMAC/s"


def test_the_delay_and_the_receptive_field() -> None:
    """160 + 60 + 32 samples at 16 kHz; a frame sees 2 + 100 before its hop and 60 after it."""
    document = audit_document(audited())
    latency = {
        "transmit": {"buffering_ms": 10.0, "algorithmic_ms": 3.75},
        "receive": {"buffering_ms": 0.0, "algorithmic_ms": 2.0},
        "total_ms": 15.75,
        "total_samples": 252,
    }
    field = {"encoder_samples": 322, "decoder_past_frames": 1, "decoder_future_frames": 1}
    expected = {"latency": latency, "receptive_field": field}
    assert missing(expected, document) == []


def test_the_delay_that_was_shown() -> None:
    latency = audit_document(audited())["latency"]
    assert (latency["lower_total_samples"], latency["proved"]) == (None, None)
    for shown, proved in ((252, True), (250, False)):
        agreement = Agreement((AGREES, shown_delay(252, shown, "decoder.up")))
        document = audit_document(audited(agreement=agreement))
        latency = document["latency"]
        assert (latency["lower_total_samples"], latency["proved"]) == (shown, proved)
        assert document["doubts"] == []  # a lower bound is no doubt of the total
    without = audit_document(audited(agreement=Agreement((AGREES,))))["latency"]
    assert (without["lower_total_samples"], without["proved"]) == (None, None)


def test_the_memory_of_each_side() -> None:
    memory = {
        "state_dtype": "float32",
        "transmit": {
            "stored_values": {
                "weights": 1304,
                "projection_in": 0,
                "projection_out": 0,
                "codebook": 128,
                "table": 0,
            },
            "stored_bytes": {"float32": 5728, "float16": 2864, "int8": 1432},
            "state_values": 642,
            "state_bytes": 2568,
            "held_values": 5,
            "held_bytes": 20,
        },
        "receive": {
            "stored_values": {"weights": 2561, "codebook": 0, "table": 128},
            "stored_bytes": {"float32": 10_756, "float16": 5378, "int8": 2689},
            "state_values": 7,
            "state_bytes": 28,
            "held_values": 3,
            "held_bytes": 12,
        },
        "undivided": None,
    }
    assert missing({"memory": memory}, audit_document(audited())) == []


def test_the_limits_and_the_verdict() -> None:
    document = audit_document(audited())
    assert document["verdict"] == "fail"
    assert (
        missing({"name": "own", "source": "a table", "convention": "lrac-2025"}, document["limits"])
        == []
    )
    checks = {check["id"]: check for check in document["limits"]["checks"]}
    expected = {
        "overall_mflops": {
            "limit": 3,
            "value": pytest.approx(1.9456, rel=1e-12),
            "margin": pytest.approx(1.0544, rel=1e-12),
            "status": "pass",
            "unit": "MFLOPS",
        },
        "total_latency_ms": {"limit": 15, "value": 15.75, "margin": -0.75, "status": "fail"},
        "bitrates_kbps": {"limit": [1.0], "value": [0.8], "status": "pass"},
    }
    assert missing(expected, checks) == []
    # no convention changes the delay
    assert document["other_conventions"] == {}


def test_a_verdict_that_another_convention_changes() -> None:
    """The codec costs 1.9456 MFLOPS, and 1.92 without the search."""
    limits = replace(LIMITS, overall_mflops=1.93, total_latency_ms=None)
    found = audited()
    verdict = judge(LEDGER, found.totals, limits, find_convention("lrac-2025"), ())
    document = audit_document(replace(found, verdict=verdict))
    assert document["verdict"] == "fail"
    assert document["other_conventions"] == {"lrac-2025-no-search": "pass"}


def test_each_row_is_a_layer() -> None:
    layers = audit_document(audited())["layers"]
    assert [layer["name"] for layer in layers] == [row.name for row in LEDGER.rows]
    down = {
        "name": "encoder.down",
        "side": "transmit",
        "stage": "encoder",
        "op": "conv",
        "channels_in": 4,
        "channels_out": 8,
        "kernel": 320,
        "stride": 160,
        "dilation": 1,
        "groups": 2,
        "rate_hz": 100.0,
        "macs_per_s": 512_000.0,
        "mflops": pytest.approx(1.024, rel=1e-12),
        "macs_per_frame": 5120,
        "flops_per_frame": 10_240,
        "stored_values": 1288,
        "shared_values": 0,
        "storage": "weights",
        "past_samples": 100,
        "delay_samples": 60,
        "delay_ms": 3.75,
        "state_values": 640,
        "held_values": 5,
        "fate": "counted",
        "reason": "",
    }
    assert missing(down, layers[1]) == []
    assert layers[0]["rate_hz"] == 16_000.0
    lookup = {"fate": "ignored", "reason": "a memory read, no arithmetic", "storage": "table"}
    assert missing(lookup, layers[3]) == []


def test_work_of_an_unknown_kind_leaves_the_verdict_open() -> None:
    ledger = replace(LEDGER, rows=(*LEDGER.rows, ODD))
    document = audit_document(audited(ledger))
    assert document["layers"][-1]["fate"] == "uncounted"
    assert "wings" in document["layers"][-1]["reason"]


def test_a_codec_whose_sides_are_not_known() -> None:
    row = UP._replace(side="undivided", stage="undivided", delay_samples=None, past_samples=None)
    row = row._replace(state_values=None, held_values=None)
    ledger = replace(LEDGER, rows=(row,), mode=Mode(None, None, None), bitrates_kbps=())
    document = audit_document(audited(ledger))
    assert document["complexity"] == {
        "encoder": None,
        "rvq_transmit": None,
        "rvq_receive": None,
        "decoder": None,
        "transmit": None,
        "receive": None,
        "overall": cost(2_560, 5_120),
    }
    nothing = dict.fromkeys(("encoder_samples", "decoder_past_frames", "decoder_future_frames"))
    expected = {
        "mode": {"rvq": None, "active_layers": None, "bitrate_kbps": None},
        "latency": {
            "transmit": {"buffering_ms": 10.0, "algorithmic_ms": None},
            "receive": {"buffering_ms": 0.0, "algorithmic_ms": None},
            "total_ms": None,
            "total_samples": None,
        },
        "receptive_field": nothing,
        "memory": {
            "transmit": None,
            "receive": None,
            "undivided": {
                "state_values": None,
                "state_bytes": None,
                "held_values": None,
                "held_bytes": None,
            },
        },
    }
    assert missing(expected, document) == []
    assert document["memory"]["undivided"]["stored_values"]["weights"] == 2561
    assert document["layers"][0]["delay_ms"] is None


AGREES = Finding("operator trace", "row", "encoder.down", "macs_per_frame", 5120, 5120)
DIFFERS = Finding("fvcore", "module", "decoder.up", "macs_per_frame", 2560, 2559)
EXPLAINED = DIFFERS._replace(name="encoder.input", explanation="it counts no bias")


def test_witnesses_and_their_doubts() -> None:
    document = audit_document(audited(agreement=Agreement((AGREES, EXPLAINED), ("a remark",))))
    found = document["witnesses"]
    assert (found["agree"], found["remarks"], document["doubts"]) == (True, ["a remark"], [])
    assert (
        missing(
            {
                "witness": "operator trace",
                "scope": "row",
                "name": "encoder.down",
                "quantity": "macs_per_frame",
                "expected": 5120,
                "found": 5120,
                "explanation": "",
                "agrees": True,
            },
            found["findings"][0],
        )
        == []
    )
    assert (
        missing({"agrees": False, "explanation": "it counts no bias"}, found["findings"][1]) == []
    )
    doubtful = audit_document(audited(agreement=Agreement((AGREES, DIFFERS))))
    assert doubtful["witnesses"]["agree"] is False
    assert doubtful["verdict"] == "incomplete"
    assert doubtful["doubts"] == [str(DIFFERS)]


def test_the_stream_of_codes() -> None:
    assert audit_document(audited())["bitstream"] is None
    stream = CodeStream("codes", "int64", 0, 255, values_per_s=100, bits_per_s=800)
    bitstream = Bitstream(0.4, (stream,), ("it sends more",), ("it may repeat",))
    found = audit_document(audited(replace(LEDGER, bitstream=bitstream)))["bitstream"]
    expected = {
        "declared_kbps": 0.4,
        "observed_kbps": 0.8,
        "streams": [stream._asdict()],
        "broken": ["it sends more"],
        "unchecked": ["it may repeat"],
    }
    assert missing(expected, found) == []


def test_a_cost_that_depends_on_data() -> None:
    assert audit_document(audited())["data_dependence"] is None
    costs = {"silence": 9_728, "noise": 9_800}
    found = DataDependence(("if x.max() > 1 (model.py:7)",), costs, "noise")
    document = audit_document(audited(replace(LEDGER, data_dependence=found)))
    expected = {
        "places": ["if x.max() > 1 (model.py:7)"],
        "macs_per_frame": costs,
        "dearest": "noise",
        "varies": True,
    }
    assert missing(expected, document["data_dependence"]) == []


def test_who_proposed_the_limits() -> None:
    found = audited()
    assert audit_document(found)["limits"]["proposed"] is None
    verdict = found.verdict._replace(limits=replace(LIMITS, proposed="somebody"))
    assert audit_document(replace(found, verdict=verdict))["limits"]["proposed"] == "somebody"


def test_a_gate_holds_the_documents_of_its_targets() -> None:
    gate = gate_document([audited(), audited(convention="macs")], 1)
    assert missing({"schema_version": 1, "exit_code": 1}, gate) == []
    assert [target["convention"]["name"] for target in gate["targets"]] == ["lrac-2025", "macs"]
    assert gate["targets"][0] == audit_document(audited())
    assert gate_document([], 0)["targets"] == []


@pytest.mark.parametrize("rows", [LEDGER.rows, (LEDGER.rows[0],)])
def test_a_document_is_plain_data(rows: Sequence[Row]) -> None:
    document = audited(replace(LEDGER, rows=tuple(rows))).document()
    assert json.loads(json.dumps(document)) == document
