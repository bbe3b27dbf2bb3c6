"""A codec that waits for the end of the clip: it codes files, and no stream."""

from __future__ import annotations

import soundfile

from tests.reference_models.cli.conftest import TINY

NORMED = TINY.replace("codebook_size: 600", "codebook_size: 8").replace(
    TINY[TINY.index("encoder:") : TINY.index("quantizer:")],
    "encoder:\n  layers:\n    - conv: {kernel: 30, stride: 15, channels: 4}\n    - group_norm\n"
    "    - conv: {kernel: 32, stride: 16, channels: 8}\n",
)


def test_files_are_coded_and_a_stream_is_refused(run, speech, tmp_path):
    design, weights = tmp_path / "normed.yaml", tmp_path / "normed.safetensors"
    coded, decoded = tmp_path / "speech.lrac", tmp_path / "speech.wav"
    design.write_text(NORMED)
    assert run("init", "--design", design, weights).code == 0
    assert run("encode", speech, coded, "--weights", weights).code == 0
    assert run("decode", coded, decoded, "--weights", weights).code == 0
    assert soundfile.info(decoded).frames == 12_345
    found = run("stream", "--simulate", speech, "--weights", weights)
    assert (found.code, found.out) == (2, "")
    assert found.err.splitlines() == [
        "error: tiny: encoder.layers[1].group_norm: given no bound on its delay; allowed: layers "
        "whose delay has a bound, in a codec that streams"
    ]
