"""The gate breaks on a broken promise, and says which."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from lrac_audit.cli.main import main
from tests.lrac_audit.witness.targets import toys
from tests.lrac_audit.witness.wire.codecs import HONEST, Bare

LIMITS = "name: generous\nconvention: lrac-2025\noverall_mflops: 1000\n"


def honest():
    return Bare().target(HONEST)


def lying():
    return Bare(65_536).target(HONEST)


def remembering():
    class Remembering(Bare):
        scale = 1.0

        def transmit(self, audio):
            self.scale = audio.abs().max()
            return super().transmit(audio)

        def receive(self, latent):
            return super().receive(latent) * self.scale

    return Remembering().target(HONEST)


def halves():
    return replace(toys.tiny(), modes=())


def whole():
    return toys.whole()


@pytest.mark.parametrize(
    ("factory", "code", "said"),
    [
        ("honest", 0, "bitstream"),
        ("lying", 1, "16 kbps are declared, and the codes need 6"),
        ("remembering", 1, "Remembering.scale"),
    ],
)
def test_the_exit_code_is_that_of_a_gate(factory, code, said, tmp_path, capsys) -> None:
    limits = tmp_path / "limits.yaml"
    limits.write_text(LIMITS)
    target = f"python:{__name__}:{factory}"
    assert main(["check", target, "--limits", str(limits)]) == code
    assert said in " ".join(capsys.readouterr().out.split())


def test_the_document_has_what_was_declared_and_seen(tmp_path) -> None:
    file = tmp_path / "audit.json"
    assert main(["audit", f"python:{__name__}:lying", "-f", "json", "-o", str(file)]) == 0
    found = json.loads(file.read_text())["bitstream"]
    assert found["declared_kbps"] == HONEST
    assert found["observed_kbps"] == pytest.approx(4 * 16, rel=0.01)
    (stream,) = found["streams"]
    assert (stream["name"], stream["dtype"], stream["values_per_s"]) == ("codes", "int64", 4000)


def test_limits_of_a_process_need_one(capsys) -> None:
    assert main(["audit", "track1", "--time-limit", "5", "--memory-limit", "2"]) == 2
    said = capsys.readouterr().err
    assert "--time-limit: given 5; allowed: only with --isolated" in said
    assert "--memory-limit: given 2; allowed: only with --isolated" in said


def test_a_design_runs_no_code_and_needs_no_isolation() -> None:
    assert main(["check", "track1", "--isolated"]) == 0


@pytest.mark.parametrize(
    ("name", "why"),
    [("whole", "no sender and receiver apart"), ("halves", "no mode with a bitrate")],
)
def test_a_bitstream_that_cannot_be_seen_is_said_to_be_unchecked(
    capsys: pytest.CaptureFixture[str], name: str, why: str
) -> None:
    assert main(["audit", f"python:{__name__}:{name}", "--format", "json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["bitstream"] is None
    (remark,) = [r for r in document["witnesses"]["remarks"] if "bitstream" in r]
    assert remark == (
        f"The codec has {why}, so what it sends could not be held to a bitrate: the bitstream was "
        "not checked."
    )
