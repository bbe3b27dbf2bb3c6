"""Speech made with espeak-ng, for learning curves where no recordings are at hand.

    python tests/synthetic_speech.py --minutes 12 --out speech

writes ``speech/train/<voice>/*.wav`` until there are so many minutes, and ``speech/held-out``:
other sentences, which the training part does not have, one minute for every ten. The same arguments
give the same files. espeak-ng is a package of most distributions (``apt-get install espeak-ng``).

The files are at 24 kHz and have a quiet room's noise over the whole band, as recordings do. Between
words and above 11 kHz the synthesiser is silent to the last bit, and a loss of logarithms would
look at little else.
"""

from __future__ import annotations

import argparse
import io
import random
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import soundfile
import soxr

VOICES = ("en-us", "en-gb", "en-us+f3", "en-gb+m3", "en-us+m7", "en-gb+f2", "en-us+f5", "en-gb+m1")
SUBJECTS = (
    "the old lighthouse keeper", "a patient gardener", "our youngest neighbour", "the night train",
    "every third student", "a flock of grey geese", "the committee", "her brother",
    "an unusually quiet engineer", "the museum on the hill", "everyone", "a small boat",
)  # fmt: skip
VERBS = (
    "remembered", "quickly repaired", "never quite understood", "described", "searched for",
    "carried away", "was waiting beside", "listened to", "painted", "had forgotten about",
    "asked politely for", "went back to",
)  # fmt: skip
OBJECTS = (
    "a wooden box full of letters", "the broken radio", "seventeen oranges", "the weather report",
    "a very long bridge", "the first snow of the year", "their favourite song", "two cups of tea",
    "the map of the northern coast", "a jar of honey", "the missing key", "an empty theatre",
)  # fmt: skip
ENDINGS = (
    "before the shops had opened.", "while the rain kept falling.", "and thought nothing of it.",
    "although it was already late.", "because somebody had to.", "just as the bells began to ring.",
    "in the middle of the afternoon.", "without saying a word.", "for the second time today!",
    "so why should we worry?", "near the edge of the forest.", "and then everyone laughed.",
)  # fmt: skip
SENTENCES_PER_FILE = 2
SAMPLE_RATE_HZ = 24000
NOISE_RMS = 3e-4
"""-70 dBFS; the speech is about 50 dB above."""
SHARE_HELD_OUT = 10
"""One minute in so many is held out."""


def sentences(seed: int) -> Iterator[str]:
    """Sentences without end, no two of which are the same before all were said."""
    count = len(SUBJECTS) * len(VERBS) * len(OBJECTS) * len(ENDINGS)
    order = random.Random(seed).sample(range(count), count)
    for number in order:
        words = []
        for part in (SUBJECTS, VERBS, OBJECTS, ENDINGS):
            number, index = divmod(number, len(part))
            words.append(part[index])
        text = " ".join(words)
        yield text[0].upper() + text[1:]


def speak(text: str, voice: str, path: Path, random_: random.Random) -> float:
    """Write ``text`` as WAV, at some speed and pitch; returns how many seconds it takes."""
    speed, pitch = random_.randint(130, 185), random_.randint(30, 70)
    command = ["espeak-ng", "-v", voice, "-s", str(speed), "-p", str(pitch), "--stdout", "--"]
    spoken = subprocess.run([*command, text], check=True, stdout=subprocess.PIPE).stdout
    speech, rate_hz = soundfile.read(io.BytesIO(spoken))
    audio = soxr.resample(speech, rate_hz, SAMPLE_RATE_HZ)
    noise = np.random.default_rng(random_.getrandbits(32)).normal(0, NOISE_RMS, len(audio))
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, (audio + noise).clip(-1, 1), SAMPLE_RATE_HZ)
    return len(audio) / SAMPLE_RATE_HZ


def make(minutes: float, out: Path, seed: int = 0) -> tuple[float, float]:
    """Write ``minutes`` for training and a tenth of that held out; returns the seconds of both."""
    told = sentences(seed)
    random_ = random.Random(seed)
    lengths = []
    for part, wanted_s in (("held-out", 60 * minutes / SHARE_HELD_OUT), ("train", 60 * minutes)):
        seconds = 0.0
        number = 0
        while seconds < wanted_s:
            voice = VOICES[number % len(VOICES)]
            text = " ".join(next(told) for _ in range(SENTENCES_PER_FILE))
            path = out / part / voice.replace("+", "-") / f"{number:05d}.wav"
            seconds += speak(text, voice, path, random_)
            number += 1
        lengths.append(seconds)
    return lengths[1], lengths[0]


def main() -> int:
    """Run the program."""
    parser = argparse.ArgumentParser(description="Make speech with espeak-ng.")
    parser.add_argument("--minutes", type=float, default=12.0, help="of training speech")
    parser.add_argument("--out", type=Path, required=True, help="folder to write into")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    if shutil.which("espeak-ng") is None:
        sys.stderr.write("error: espeak-ng is not installed; apt-get install espeak-ng brings it\n")
        return 2
    train_s, held_out_s = make(arguments.minutes, arguments.out, arguments.seed)
    sys.stdout.write(f"{arguments.out}: {train_s:.0f} s to train on, {held_out_s:.0f} s held out\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
