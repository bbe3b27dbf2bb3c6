"""Code of a user that fails: the message has what failed, where, and the next step."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import ROOT, Result

Run = Callable[..., Result]

CODEC = """
import sys
import threading
import torch
from torch import nn

class Whole(nn.Module):
    sample_rate = 8000
    hop_length = 8

    def __init__(self):
        super().__init__()
        self.down = nn.Conv1d(1, 4, 8, 8)
        self.up = nn.ConvTranspose1d(4, 1, 8, 8)

    def forward(self, audio):
        return self.up(self.down(audio))

def refuses_arguments(width=1):
    raise RuntimeError("width is too small")  # 1

class NeverRuns(Whole):
    def forward(self, audio):
        raise ValueError("not this audio")  # 2

class RunsOnFew(Whole):
    def forward(self, audio):
        if audio.shape[-1] > 12 * 8:
            raise ValueError("at most 12 frames")  # 3
        return super().forward(audio)

class RunsOnFours(Whole):
    def forward(self, audio):
        if audio.shape[-1] % 32:
            raise ValueError("only groups of four frames")
        return super().forward(audio)

class WrongWidth(Whole):
    def encode(self, audio):
        return self.down(audio)[:, :3, :]
    def decode(self, latent):
        return self.up(latent)  # 4

class Leaves(Whole):
    def forward(self, audio):
        sys.exit(0)  # 5

class LeavesToEncode(Whole):
    def encode(self, audio):
        sys.exit(0)  # 6
    def decode(self, latent):
        return self.up(latent)

def lacks():
    import package_that_is_not_there  # 7

class NoDependency(Whole):
    def forward(self, audio):
        if type(audio) is not torch.Tensor:
            raise TypeError("plain tensors only")  # 8
        return super().forward(audio)

class Threaded(Whole):
    def forward(self, audio):
        found = []
        worker = threading.Thread(target=lambda: found.append(audio * torch.ones(audio.shape)))
        worker.start()
        worker.join()
        return super().forward(found[0] if found else audio)

class Inner(nn.Module):
    def forward(self, audio):
        raise KeyError("tap")  # 9

class InALayerOfTorch(Whole):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Identity(), Inner())
    def forward(self, audio):
        return self.net(audio)
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder of a user, with a module of codecs in it."""
    (tmp_path / "failing_codec.py").write_text(CODEC)
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    for name in ("failing_codec", "mistaken", "importing", "my_codec"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    return tmp_path


def place(mark: int) -> str:
    """File and line of the line that ends with this mark."""
    lines = CODEC.splitlines()
    (number,) = (i for i, line in enumerate(lines, start=1) if line.endswith(f"# {mark}"))
    return f"failing_codec.py:{number}"


BAD_WIDTH = r"RuntimeError: Given transposed=1, weight of size \[4, 1, 8\], .*"


@pytest.mark.parametrize(
    ("name", "doing", "error", "mark", "next_step"),
    [
        (
            "refuses_arguments",
            r"refuses_arguments\(\.\.\.\)",
            "RuntimeError: width is too small",
            1,
            "give it other arguments by --arg NAME=VALUE, or correct it",
        ),
        (
            "NeverRuns",
            "running it on 12 hops of 8 samples",
            "ValueError: not this audio",
            2,
            r"correct it there until it runs on torch\.randn\(\[1, 1, 96\]\) and on longer .*",
        ),
        (
            "RunsOnFew",
            "running it on 13 hops of 8 samples",
            "ValueError: at most 12 frames",
            3,
            r"correct it there until it runs on torch\.randn\(\[1, 1, 104\]\) and on longer .*",
        ),
        ("WrongWidth", "encode and decode", BAD_WIDTH, 4, "correct it there, so that decode .*"),
        ("Leaves", "running it", "SystemExit: 0", 5, "correct it there"),
        ("LeavesToEncode", "encode and decode", "SystemExit: 0", 6, "correct it there, so .*"),
        (
            "InALayerOfTorch",
            "running it on 12 hops of 8 samples",
            "KeyError: 'tap'",
            9,
            "correct it there until it runs .*",
        ),
    ],
)
def test_a_failure_is_named_with_its_place_and_the_next_step(
    run: Run, folder: Path, name: str, doing: str, error: str, mark: int, next_step: str
) -> None:
    found = run("check", f"python:failing_codec:{name}")
    assert (found.code, found.out) == (2, "")
    pattern = (
        rf"error: \S+: {doing}: failed with {error}, at {place(mark)}; next: {next_step}; "
        "--debug shows the traceback\n"
    )
    assert_matches(pattern, found.err)
    debugged = run("check", f"python:failing_codec:{name}", "--debug")
    assert debugged.code == 2
    assert "Traceback (most recent call last)" in debugged.err
    assert f", line {place(mark).partition(':')[2]}, in " in debugged.err
    assert debugged.err.endswith(found.err)


def assert_matches(pattern: str, text: str) -> None:
    """Show both where a text is not as the pattern says."""
    assert re.fullmatch(pattern, text), f"{text!r} does not match {pattern!r}"


def test_a_model_may_refuse_some_lengths(run: Run, folder: Path) -> None:
    """Each of two convolutions takes 1 x 4 channels x kernel 8 = 32 MACs for 8 samples."""
    found = run("audit", "python:failing_codec:RunsOnFours", "--format", "json")
    assert (found.code, found.err) == (0, "")
    document = json.loads(found.out)
    assert [row["macs_per_frame"] for row in document["layers"]] == [32, 32]
    assert document["latency"]["total_samples"] == 8


def test_a_missing_package_is_named_with_the_line_that_imports_it(run: Run, folder: Path) -> None:
    found = run("audit", "python:failing_codec:lacks")
    assert (found.code, found.out) == (2, "")
    assert found.err == (
        "error: python:failing_codec:lacks: lacks(...): given the package "
        f"'package_that_is_not_there' missing, imported at {place(7)}; allowed: an install that "
        "has it, mostly by pip install package_that_is_not_there\n"
    )


def test_a_module_that_cannot_be_imported(run: Run, folder: Path) -> None:
    (folder / "mistaken.py").write_text("x = 1\ndef f(:\n")
    (folder / "importing.py").write_text("def half():\n    return 1 / 0\n\nVALUE = half()\n")
    after = "; next: correct it there; --debug shows the traceback\n"
    assert run("audit", "python:mistaken:f").err == (
        "error: python:mistaken:f: importing mistaken: failed with SyntaxError: invalid syntax, "
        f"at mistaken.py:2{after}"
    )
    assert run("audit", "python:importing:f").err == (
        "error: python:importing:f: importing importing: failed with ZeroDivisionError: "
        f"division by zero, at importing.py:2{after}"
    )


def test_threads_that_fail_on_the_tensors_of_a_witness_print_nothing(
    run: Run, folder: Path
) -> None:
    """That the thread is started is said in the report."""
    found = run("audit", "python:failing_codec:Threaded", "--format", "json")
    assert (found.code, found.err) == (0, "")
    assert json.loads(found.out)["verdict"] != "pass"
    assert any("thread" in row["reason"] for row in json.loads(found.out)["layers"])
    debugged = run("audit", "python:failing_codec:Threaded", "--format", "json", "--debug")
    assert "a thread of the codec failed:" in debugged.err


def test_a_failure_that_the_audit_survives_has_its_place_too(run: Run, folder: Path) -> None:
    source = "python:failing_codec:NoDependency"
    sentence = f"its latency could not be measured: TypeError: plain tensors only, at {place(8)}"
    found = run("audit", source, "--format", "json")
    assert sentence in json.loads(found.out)["witnesses"]["remarks"]
    assert "Traceback" not in found.err
    debugged = run("audit", source, "--format", "json", "--debug")
    assert debugged.out == found.out
    assert 'raise TypeError("plain tensors only")' in debugged.err
    again = run("audit", source, "--format", "json")
    assert again.err == found.err  # it shows no tracebacks again


def test_the_message_of_the_page(run: Run, folder: Path) -> None:
    """Its codec raises in line 41."""
    page = (ROOT / "docs" / "targets.md").read_text(encoding="utf-8")
    (message,) = re.findall(r"^```text\n(error: MyCodec.*?)^```$", page, re.MULTILINE | re.DOTALL)
    model = CODEC.replace("8000", "16000").replace("hop_length = 8", "hop_length = 320")
    start = model[: model.index("def refuses_arguments")].strip()
    method = "class MyCodec(Whole):\n    def forward(self, audio):\n"
    method += '        raise ValueError("too short")'
    blank = "\n" * (40 - start.count("\n") - method.count("\n"))
    (folder / "my_codec.py").write_text(start + blank + method)
    assert run("audit", "python:my_codec:MyCodec").err == message
