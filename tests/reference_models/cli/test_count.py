"""``lrac-codec count`` on a design whose operations are few enough to count by hand."""

import csv
import json

import pytest

from reference_models.audit import counted_code

FEW = """
lrac_audit_design: 1
name: Few operations
sample_rate_hz: 8000
encoder:
  layers:
    - conv: {kernel: 8, stride: 4, channels: 6}
    - activation: elu
quantizer: {layers: 2, codebook_size: 16, codebook_dim: 2, modes: [1, 2]}
decoder:
  layers:
    - transposed_conv: {kernel: 4, stride: 4, channels: 1}
    - activation: tanh
"""
"""By hand, in a frame of 4 samples, of which there are 2,000 a second, as the code is written:

| | multiply-adds | additions | others |
|---|---|---|---|
| convolution of 8 samples to 6 channels | 8 * 6 | 6 biases | |
| ELU of 6 values | | | 6 comparisons, 6 multiplications, 6 exponentials |
| projection of 6 to 2, for 2 layers | 2 * 12 | 2 * 2 biases | |
| search of 16 codewords of 2 values, for 2 layers | 2 * 32 | 2 * 16 | 2 * 16 comparisons |
| residual less an entry of 6 values, for 2 layers | | 2 * 6 | |
| transmit | 136 | 54 | 38 comparisons, 6 multiplications, 6 exponentials |
| sum of the entries of 2 layers | | 6 | |
| transposed convolution of 6 channels to 4 samples | 24 | 4 biases | |
| tanh of 4 values, by expm1 | | 4 | 4 divisions, 4 exponentials |
| receive | 24 | 14 | 4 divisions, 4 exponentials |

The estimate knows an ELU as one exponential, and a tanh too.
"""
TRANSMIT_WOPS = 136 * 2 + 54 + 38 + 6 + 6 * 25
RECEIVE_WOPS = 24 * 2 + 14 + 4 * 18 + 4 * 25
TRANSMIT_ESTIMATE = TRANSMIT_WOPS - 6 - 6
RECEIVE_ESTIMATE = RECEIVE_WOPS - 4 - 4 * 18


@pytest.fixture
def few(tmp_path):
    path = tmp_path / "few.yaml"
    path.write_text(FEW)
    return path


@pytest.mark.usefixtures("c_compiler")
def test_operations_counted_by_hand(run, few):
    result = run("count", few, "--format", "json")
    assert (result.code, result.err) == (0, "")
    document = json.loads(result.out)
    assert document["frame_rate_hz"] == 2_000
    assert document["sides"]["transmit"] == {
        "multiply_adds": 136,
        "additions": 54,
        "multiplications": 6,
        "divisions": 0,
        "comparisons": 38,
        "square_roots": 0,
        "transcendentals": 6,
        "audited_multiply_adds": 136,
        "weighted_operations": TRANSMIT_WOPS,
        "audited_weighted_operations": TRANSMIT_ESTIMATE,
    }
    receive = document["sides"]["receive"]
    assert [receive[name] for name in ("multiply_adds", "additions", "divisions")] == [24, 14, 4]
    assert receive["weighted_operations"] == RECEIVE_WOPS
    assert receive["audited_weighted_operations"] == RECEIVE_ESTIMATE
    overall = document["sides"]["overall"]
    assert overall["weighted_operations"] == TRANSMIT_WOPS + RECEIVE_WOPS


@pytest.mark.usefixtures("c_compiler")
def test_tables_are_in_millions_per_second(run, few, tmp_path):
    """By hand: one layer less costs 12 + 32 multiply-adds, 2 + 16 + 6 additions, 16 comparisons."""
    result = run("count", few, "--bitrate", "8", "-f", "markdown", "-f", f"csv={tmp_path}/rows.csv")
    assert (result.code, result.err) == (0, "")
    # Transmit: 92 multiply-adds of a frame, 392 weighted operations, an estimate of 380.
    assert "| transmit | 0.18 | 0.18 | 0.78 | 0.76 | +3.16 % |" in result.out
    # Receive: nothing is added to the entry of the only layer, so 228 and 152.
    assert "| receive | 0.05 | 0.05 | 0.46 | 0.30 | +50.00 % |" in result.out
    assert "| transcendentals | 25 | 0.01 | 0.01 | 0.02 |" in result.out
    assert "transmit 0.60, receive 0.41, overall 1.01 WMOPS" in result.out
    lines = (tmp_path / "rows.csv").read_text().splitlines()
    rows = {row["row"]: row for row in csv.DictReader(lines)}
    search = rows["transmit quantizer.layers.0.search"]
    assert (search["multiply_adds"], search["comparisons"]) == ("32", "16")


def test_a_count_that_is_not_the_audits_is_named(run, few, monkeypatch):
    counts = dict.fromkeys(counted_code.OPERATIONS, 0)
    row = "transmit encoder.layers.0.conv"
    monkeypatch.setattr(counted_code, "counted_frame", lambda *_: {row: counts})
    result = run("count", few, "--format", "markdown")
    assert (result.code, result.err) == (3, "")
    assert f"Not proved: {row}: 0 multiply-accumulates a frame, 48 by the audit." in result.out
    assert "Every row's" not in result.out


def test_a_machine_without_a_compiler(run, few, monkeypatch):
    monkeypatch.setenv("CC", "no-such-compiler")
    result = run("count", few)
    assert (result.code, result.out) == (2, "")
    assert result.err == (
        "error: C compiler: given no no-such-compiler on this machine; allowed: a C compiler, or "
        "its command in the variable CC\n"
    )
