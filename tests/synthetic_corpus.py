"""A corpus whose truth is known: synthetic voices in rooms, in noise and through filters.

    python -m tests.synthetic_corpus --files 500 --out corpus

writes ``corpus/speech/<speaker>/*.wav``, five to a speaker; ``corpus/spk2gender``; and
``corpus/truth.csv`` with the ratio, the decay and the cutoff of each file. Half of the files are
good, the others noisy, reverberant or narrow.

For training with noise there are also ``corpus/noise/*.wav``, with their classes in
``corpus/noise_truth.csv``, some much more frequent than others; ``corpus/rirs/*.wav``; lists of
what of both is held out; and ``corpus/debug_noisy.yaml``, the shipped configuration ``debug`` with
augmentation. The same arguments give the same files.
"""

from __future__ import annotations

import argparse
import csv
import shutil
import sys
from pathlib import Path
from typing import NamedTuple

import numpy as np
import soundfile

from reference_models.training.configurations import FOLDER
from tests.reference_models.corpus import voices
from tests.synthetic_noise import noise

RATE_HZ = 24_000
FILES_PER_SPEAKER = 5
PITCHES_HZ = {"m": 120, "f": 210}
KINDS = ("noisy", "reverberant", "narrow")
NOISE_CYCLE = 6 * ["electric_noise"] + 3 * ["wind"] + 2 * ["typing"] + ["alarm"]
"""Classes of noise in turn, the first of them the most frequent."""
RESPONSES = 4
AUGMENTATION = "augmentation: {reverb_probability: 0.5, noise_probability: 0.8}\n"


class Truth(NamedTuple):
    """What was done to one file."""

    uid: str
    kind: str
    """``good`` or one of :data:`KINDS`."""
    snr_db: float
    decay_s: float
    """0 for no room."""
    cutoff_hz: int


def truth_of(number: int, uid: str, seed: int) -> Truth:
    """Every other file is good; the kinds of the others take turns."""
    random = np.random.default_rng([seed, number])
    good = Truth(uid, "good", random.uniform(28, 45), 0.0, RATE_HZ // 2)
    if number % 2 == 0:
        return good
    kind = KINDS[number // 2 % len(KINDS)]
    if kind == "noisy":
        return good._replace(kind=kind, snr_db=random.uniform(-5, 15))
    if kind == "reverberant":
        return good._replace(kind=kind, decay_s=random.uniform(0.8, 1.2))
    return good._replace(kind=kind, cutoff_hz=int(random.uniform(3000, 5500)))


def sound(truth: Truth, pitch_hz: float, seed: int) -> np.ndarray:
    """A voice of 4 to 7 s, with all that is done to it."""
    seconds = np.random.default_rng(seed).uniform(4, 7)
    signal = voices.voice(seconds, pitch_hz, seed, RATE_HZ)
    if truth.decay_s:
        signal = voices.in_room(signal, truth.decay_s, seed, RATE_HZ)
    if truth.cutoff_hz < RATE_HZ // 2:
        signal = voices.low_passed(signal, truth.cutoff_hz, RATE_HZ)
    signal = voices.noisy(signal, truth.snr_db, "white", seed)
    return 0.5 * signal / np.abs(signal).max()


def make(files: int, out: Path, seed: int = 0) -> list[Truth]:
    """Write the corpus into ``out``; return the truth about each file."""
    truths, genders = [], {}
    for number in range(files):
        index = number // FILES_PER_SPEAKER
        gender = "mf"[index % 2]
        speaker = f"{gender}{index:03d}"
        genders[speaker] = gender
        pitch_hz = PITCHES_HZ[gender] * 2 ** np.random.default_rng([seed, index, 1]).normal(
            0, 1 / 8
        )
        truth = truth_of(number, f"{speaker}/{number:05d}", seed)
        path = out / "speech" / f"{truth.uid}.wav"
        path.parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(path, sound(truth, pitch_hz, seed + number), RATE_HZ)
        truths.append(truth)
    (out / "spk2gender").write_text("".join(f"{name} {g}\n" for name, g in genders.items()))
    with (out / "truth.csv").open("w", newline="") as file:
        csv.writer(file).writerows([Truth._fields, *truths])
    return truths


def make_noise(files: int, out: Path, seed: int = 0) -> None:
    """Write noises of 3 to 8 s into ``out``; every tenth is held out."""
    (out / "noise").mkdir(parents=True, exist_ok=True)
    uids = [f"{number:05d}" for number in range(files)]
    names = [NOISE_CYCLE[number % len(NOISE_CYCLE)] for number in range(files)]
    for number, name in enumerate(names):
        seconds = np.random.default_rng([seed, number, 2]).uniform(3, 8)
        samples = noise(name, seed + number, seconds, RATE_HZ)
        soundfile.write(out / "noise" / f"{uids[number]}.wav", samples, RATE_HZ)
    with (out / "noise_truth.csv").open("w", newline="") as file:
        csv.writer(file).writerows([("uid", "class"), *zip(uids, names, strict=True)])
    (out / "noise_valid.txt").write_text("".join(f"{uid}\n" for uid in uids[::10]))


def make_responses(out: Path, seed: int = 0) -> None:
    """Write responses of rooms that decay in 0.2 to 0.8 s into ``out``; the last is held out."""
    (out / "rirs").mkdir(parents=True, exist_ok=True)
    for number in range(RESPONSES):
        impulse = np.zeros(RATE_HZ)
        impulse[0] = 1
        response = voices.in_room(impulse, 0.2 * (number + 1), seed + number, RATE_HZ)
        soundfile.write(out / "rirs" / f"{number}.wav", 0.9 * response, RATE_HZ)
    (out / "rirs_valid.txt").write_text(f"{RESPONSES - 1}\n")


def make_configuration(out: Path) -> None:
    """Write the configuration ``debug`` with augmentation into ``out``, beside its design."""
    configuration = (FOLDER / "debug.yaml").read_text() + AUGMENTATION
    (out / "debug_noisy.yaml").write_text(configuration)
    shutil.copy(FOLDER / "debug_design.yaml", out)


def main(arguments: list[str] | None = None) -> int:
    """Run the program."""
    parser = argparse.ArgumentParser(description="Make a corpus of synthetic voices.")
    parser.add_argument("--files", type=int, default=500, help="of speech; half as many of noise")
    parser.add_argument("--out", type=Path, required=True, help="folder to write into")
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args(arguments)
    truths = make(chosen.files, chosen.out, chosen.seed)
    make_noise(chosen.files // 2, chosen.out, chosen.seed)
    make_responses(chosen.out, chosen.seed)
    make_configuration(chosen.out)
    good = sum(truth.kind == "good" for truth in truths)
    sys.stdout.write(f"{chosen.out}: {len(truths)} files of speech, {good} of them good\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
