"""The script that makes speech where there are no recordings."""

import shutil
import sys
from pathlib import Path

import pytest
import soundfile

from tests import synthetic_speech


def test_sentences_are_many_and_none_comes_twice():
    told = synthetic_speech.sentences(0)
    some = [next(told) for _ in range(5000)]
    assert len(set(some)) == 5000
    assert all(text[0].isupper() and text[-1] in ".!?" for text in some)


def test_without_espeak_it_says_what_is_missing(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(shutil, "which", lambda name: None)
    monkeypatch.setattr(sys, "argv", ["x", "--out", str(tmp_path / "none")])
    assert synthetic_speech.main() == 2
    assert "espeak-ng is not installed" in capsys.readouterr().err
    assert not (tmp_path / "none").exists()


@pytest.mark.skipif(shutil.which("espeak-ng") is None, reason="espeak-ng is not installed")
def test_speech_of_several_voices(tmp_path):
    def made(name: str) -> dict[Path, bytes]:
        out = tmp_path / name
        lengths = synthetic_speech.make(0.5, out, seed=1)
        found = [sorted((out / part).rglob("*.wav")) for part in ("train", "held-out")]
        for paths, seconds, wanted_s in zip(found, lengths, (30, 3), strict=True):
            assert seconds == pytest.approx(sum(soundfile.info(p).duration for p in paths))
            assert wanted_s <= seconds < wanted_s + 15
        assert len({path.parent for path in found[0]}) == min(len(found[0]), 8) > 2
        audio, rate_hz = soundfile.read(found[0][0])
        assert rate_hz == 24_000
        quietest = audio[: len(audio) // 240 * 240].reshape(-1, 240).std(1).min()
        assert 2e-4 < quietest < 4e-4  # of 240 samples of noise at 3e-4, far from either end
        return {path.relative_to(out): path.read_bytes() for part in found for path in part}

    assert made("a set") == made("the same")
