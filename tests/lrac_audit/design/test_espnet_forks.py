"""Recipes of forks: keys of the training alone are remarks, any other unknown one is refused."""

from __future__ import annotations

from typing import Any

import pytest

from tests.lrac_audit.design.test_espnet import EXPECTED, imported, problems, quantizer

TRAINING_ONLY = {
    "": {"optim3": "adam", "freeze_generator": True, "mpd_discriminator_params": {}},
    "codec_conf": {
        "use_stft_loss": True,
        "stft_loss_params": {"n_ffts": [512]},
        "lambda_stft": 1.0,
        "mpd_discriminator_params": {"periods": [2, 3]},
        "freeze_encoder": True,
        "preload_generator": "generator.pth",
        "pretrained_decoder": "decoder.pth",
    },
    "codec_conf.quantizer_params": {
        "quantizer_dropout_rate": 0.5,
        "quantizer_commitment_weight": 1.0,
        "quantizer_ema_epsilon": 1e-5,
    },
}


def add(tree: Any) -> None:
    """Add the keys of each part of the recipe."""
    for path, keys in TRAINING_ONLY.items():
        part = tree
        for step in filter(None, path.split(".")):
            part = part[step]
        part.update(keys)


def test_training_only_keys_are_remarks() -> None:
    found = imported(add)
    assert found.design == EXPECTED
    ignored = {field for field, _ in found.ignored}
    for path, keys in TRAINING_ONLY.items():
        assert {f"{path}.{key}".lstrip(".") for key in keys} <= ignored


def test_keys_of_the_quantizer_without_their_prefix() -> None:
    def rename(tree: Any) -> None:
        params = tree["codec_conf"]["quantizer_params"]
        tree["codec_conf"]["quantizer_params"] = {
            key.removeprefix("quantizer_"): value for key, value in params.items()
        }

    assert imported(rename).design == EXPECTED


@pytest.mark.parametrize("key", ["quantizer_groups", "n_groups", "quantizer_schema", "levels"])
def test_a_key_that_may_change_the_cost_is_refused(key: str) -> None:
    found = problems(lambda tree: quantizer(tree).update({key: 2}))
    assert [text.partition(":")[0] for text in found] == [f"codec_conf.quantizer_params.{key}"]


def test_both_spellings_at_once_are_refused() -> None:
    found = problems(lambda tree: quantizer(tree).update({"n_q": 4}))
    assert len(found) == 1
    assert found[0].startswith("codec_conf.quantizer_params.n_q: given an unknown key")
