"""The simulated stream: its delay against the published one, its times against each other."""

import json

import pytest

from tests.reference_models.cli.conftest import write_audio


@pytest.mark.parametrize(
    ("name", "first_codes", "first_audio", "worst"),
    [("track1", 480, 720, 720), ("tiny", 241, 241, 243)],
)
def test_delay(run, request, speech, name, first_codes, first_audio, worst):
    # Track 1: 10 ms each of buffering and of look-ahead on each side. The small codec looks one
    # sample ahead in the encoder and two in the decoder: the last two samples of its first frame
    # wait for the next.
    codec = request.getfixturevalue(name)
    result = run("stream", "--simulate", speech, "--weights", codec.weights, "--format", "json")
    assert (result.code, result.err) == (0, "")
    document = json.loads(result.out)
    assert document["delay"] == {
        "first_codes_samples": first_codes,
        "first_audio_samples": first_audio,
        "worst_samples": worst,
    }
    assert document["analytic_delay_samples"] == worst
    # Frame by frame, the small codec's one sample of look-ahead takes a whole frame of 240.
    by_frames = 2 * 240 + 2 if name == "tiny" else worst
    assert document["delay_by_frames_samples"] == by_frames


def test_every_whole_frame_is_timed(run, tiny, tmp_path):
    audio = write_audio(tmp_path / "a.wav", 9 * 480 + 100, 48_000, 2)
    out = run(
        *("stream", "--simulate", audio, "--design", tiny.design, "--weights", tiny.weights),
        *("--bitrate", 1, "--threads", 2, "--format", "json"),
    ).out
    document = json.loads(out)
    assert (document["bitrate_kbps"], document["threads"], document["frame_s"]) == (1, 2, 0.01)
    assert len(document["transmit_s"]) == len(document["receive_s"]) == 9
    assert min(document["transmit_s"]) > 0


def test_the_table_says_it_all(run, tiny, speech):
    out = run("stream", "--simulate", speech, "--weights", tiny.weights).out
    terms = "tiny, trained, 6 kbps\n51 frames of 10 ms, engine: torch, threads: 1\n"
    assert out.startswith(terms)
    rows = {line.split()[0]: line.split()[1:] for line in out.splitlines() if line}
    for side in ("transmit", "receive", "both"):
        median, p99, worst, with_warm_up, late, factor = map(float, rows[side])
        assert 0 < median <= p99 <= worst <= with_warm_up
        assert 0 <= late < 51 and factor > 0


def test_an_unknown_engine_is_one_message(run, tiny, speech):
    result = run("stream", "--simulate", speech, "--weights", tiny.weights, "--engine", "abacus")
    assert (result.code, result.out) == (2, "")
    assert "options: --engine: given abacus; allowed: torch" in result.err
    assert result.err.count("\n") == 1


def test_the_table_and_a_file_of_times_at_once(run, tiny, speech, tmp_path):
    path = tmp_path / "times.json"
    arguments = ("stream", "--simulate", speech, "--weights", tiny.weights, "-f", "table")
    result = run(*arguments, "-f", f"json={path}")
    assert (result.code, result.err) == (0, "")
    assert result.out.startswith("tiny, trained, 6 kbps\n")
    text = path.read_text(encoding="utf-8")
    assert text.count("\n") == 1  # one line, however many frames there are
    assert len(json.loads(text)["transmit_s"]) == 51


def test_two_absorbed_halves(run, tiny, tiniest, speech, tmp_path):
    assert run("absorb", tiny.weights, tmp_path / "t", "--check-on", speech).code == 0
    transmit, receive = (tmp_path / f"t.{side}.safetensors" for side in ("transmit", "receive"))
    arguments = ["stream", "--simulate", speech, "--weights", transmit, "--receive-weights"]
    result = run(*arguments, receive)
    assert (result.code, result.err) == (0, "")
    assert "tiny, absorbed-transmit to absorbed-receive, 6 kbps" in result.out
    assert run("init", "--design", tiniest, tmp_path / "other").code == 0
    assert "weights: given" in run(*arguments, tmp_path / "other").err
    alone = run("stream", "--simulate", speech, "--weights", transmit)
    assert alone.code == 2 and "--receive-weights" in alone.err


def test_less_than_a_frame_is_refused(run, tiny, tmp_path):
    audio = write_audio(tmp_path / "a.wav", 239)
    result = run("stream", "--simulate", audio, "--weights", tiny.weights)
    assert result.code == 2 and "239 samples; allowed: at least one frame" in result.err
