"""A tiny CLAP model that knows the classes of :mod:`tests.synthetic_noise` and nothing else.

    python -m tests.tiny_clap --out clap

Its towers are initialised at random. Only the statistics of its input are taken of sounds, and
the last linear map of each side is fitted by least squares: sounds and sentences of one class are
mapped to one axis, all other sentences to an axis to which no sound is mapped. It stands for the
published weights where these cannot be had; what it says of real sounds is worth nothing.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import torch

from lrac_audit.witness.packages import hide_broken_packages
from reference_models.corpus.noise_classes.ontology import SHIPPED, Ontology, load_ontology
from tests.synthetic_noise import MAKERS, noise

RATE_HZ = 16_000
SECONDS = 2
WIDTH = 128
EXAMPLES = 10
"""Sounds of each class that the model is fitted to."""
SPECIAL = ("<s>", "<pad>", "</s>", "<unk>", "<mask>")


def untrained(fuses: bool = False):
    """Return a model and a processor with random weights, which take 2 s at 16 kHz.

    A model that ``fuses`` takes four spectrograms of a sound, as the published one for long files.
    """
    hide_broken_packages()
    from tokenizers.pre_tokenizers import ByteLevel
    from transformers import (
        ClapConfig,
        ClapFeatureExtractor,
        ClapModel,
        ClapProcessor,
        RobertaTokenizer,
    )

    torch.manual_seed(0)
    vocabulary = {one: i for i, one in enumerate((*SPECIAL, *sorted(ByteLevel.alphabet())))}
    text = {"vocab_size": len(vocabulary), "hidden_size": 64, "num_hidden_layers": 1}
    text |= {"num_attention_heads": 2, "intermediate_size": 64, "max_position_embeddings": 260}
    audio = {"spec_size": 128, "patch_embeds_hidden_size": 16, "hidden_size": 32}
    audio |= {"depths": [1, 1], "num_attention_heads": [2, 2], "enable_fusion": fuses}
    config = ClapConfig(text_config=text, audio_config=audio, projection_dim=WIDTH)
    extractor = ClapFeatureExtractor(
        sampling_rate=RATE_HZ,
        max_length_s=SECONDS,
        hop_length=160,
        fft_window_size=512,
        frequency_max=7000,  # which resampling leaves as it is
        truncation="fusion" if fuses else "rand_trunc",
    )
    tokenizer = RobertaTokenizer(vocab=vocabulary, merges=[])
    return ClapModel(config).eval(), ClapProcessor(extractor, tokenizer)


@torch.inference_mode()
def fit(model, processor, ontology: Ontology) -> None:
    """Fit the last maps of ``model`` to the classes of :mod:`tests.synthetic_noise`."""
    known = list(MAKERS)
    sounds = [
        (0.3 + 0.7 * seed / EXAMPLES) * noise(name, seed, SECONDS, RATE_HZ)
        for name in known
        for seed in range(EXAMPLES)
    ]
    targets = [axis for axis, _ in enumerate(known) for _ in range(EXAMPLES)]
    inputs = processor.feature_extractor(sounds, sampling_rate=RATE_HZ, return_tensors="pt")
    levels = inputs["input_features"]  # [sound, spectrogram, frame, mel band], in dB
    statistics = model.audio_model.audio_encoder.batch_norm
    statistics.running_mean.copy_(levels.mean(dim=(0, 1, 2)))
    statistics.running_var.copy_(levels.var(dim=(0, 1, 2)))
    pooled = model.audio_model(**inputs.to(model.dtype)).pooler_output
    _fit(model.audio_projection, pooled, targets)
    sentences, targets = [], []
    for one in ontology.classes:
        sentences += ontology.sentences(one)
        axis = known.index(one.name) if one.name in known else len(known)
        targets += [axis] * len(one.prompts)
    tokens = processor.tokenizer(sentences, padding=True, return_tensors="pt")
    _fit(model.text_projection, model.text_model(**tokens).pooler_output, targets)


def _fit(projection, pooled: torch.Tensor, axes: list[int]) -> None:
    """Set the last map of ``projection`` so that each row of ``pooled`` goes to its axis."""
    hidden = projection.activation(projection.linear1(pooled)).double().numpy()
    hidden = np.hstack([hidden, np.ones((len(hidden), 1))])
    wanted = np.eye(WIDTH)[axes]
    ridge = 1e-5 * np.trace(hidden.T @ hidden) / hidden.shape[1] * np.eye(hidden.shape[1])
    solution = np.linalg.solve(hidden.T @ hidden + ridge, hidden.T @ wanted)
    projection.linear2.weight.copy_(torch.from_numpy(solution[:-1].T))
    projection.linear2.bias.copy_(torch.from_numpy(solution[-1]))


def save(folder: Path, fuses: bool = False) -> Path:
    """Write the fitted model into ``folder``, and return that."""
    from transformers.utils import logging

    logging.disable_progress_bar()
    model, processor = untrained(fuses)
    model.logit_scale_t.data.zero_()  # so that nobody takes it for that of sounds
    fit(model, processor, load_ontology(SHIPPED))
    model.save_pretrained(folder)
    processor.save_pretrained(folder)
    return folder


def main(arguments: list[str] | None = None) -> None:
    """Run the program."""
    parser = argparse.ArgumentParser(description="Make a tiny CLAP model of synthetic noises.")
    parser.add_argument("--out", type=Path, required=True, help="folder to write into")
    save(parser.parse_args(arguments).out)


if __name__ == "__main__":
    main()
