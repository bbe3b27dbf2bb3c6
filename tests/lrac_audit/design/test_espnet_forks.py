"""Recipes of forks: their quantizers are read, keys of the training alone are remarks.

Whatever else they add is refused.
"""

from __future__ import annotations

from typing import Any

import pytest

from lrac_audit import audit
from lrac_audit.design.quantizers.fsq import Fsq
from lrac_audit.design.quantizers.grouped_rvq import GroupedRvq
from tests.lrac_audit.design.test_espnet import (
    EXPECTED,
    Edit,
    imported,
    problems,
    quantizer,
)

Q = "codec_conf.quantizer_params."

TRAINING_ONLY = {
    "": {"optim3": "adam", "freeze_generator": True, "mpd_discriminator_params": {}},
    "codec_conf": {
        "use_stft_loss": True,
        "stft_loss_params": {"n_ffts": [512]},
        "lambda_stft": 1.0,
        "mpd_discriminator_params": {"periods": [2, 3]},
        "freeze_encoder": True,
        "fix_gen": True,
        "preload": True,
        "preload_path": "generator.pth",
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


@pytest.mark.parametrize("key", ["quantizer_schema", "levels", "frame_residual_vq"])
def test_a_key_that_may_change_the_cost_is_refused(key: str) -> None:
    found = problems(lambda tree: quantizer(tree).update({key: 2}))
    assert [text.partition(":")[0] for text in found] == [f"codec_conf.quantizer_params.{key}"]


def test_both_spellings_at_once_are_refused() -> None:
    found = problems(lambda tree: quantizer(tree).update({"n_q": 4}))
    assert len(found) == 1
    assert found[0].startswith("codec_conf.quantizer_params.n_q: given an unknown key")


def fork(codec: str, **params: Any) -> Edit:
    """Return an edit that makes the sample a recipe of ``codec`` with that ``quantizer_params``."""

    def change(tree: Any) -> None:
        tree["codec"] = codec
        tree["codec_conf"]["quantizer_params"] = params

    return change


RESIDUAL_FSQ = {"levels": [8, 5, 5, 5], "num_quantizers": 5}
"""As the public fork's recipe has it."""


def test_residual_fsq() -> None:
    found = imported(fork("lrac_rfsq", **RESIDUAL_FSQ)).design
    assert found.quantizer == Fsq((8, 5, 5, 5), layers=5)
    assert (found.encoder, found.decoder) == (EXPECTED.encoder, EXPECTED.decoder)
    # 5 indices of 1000 values in 10 bits, 2000 times per second
    assert found.bitrates_kbps == (100,)
    # projections between the latent's 12 channels and 4 values, shared by the layers
    ledger = audit(found).ledger
    for side in ("transmit", "receive"):
        rows = [row for row in ledger.rows if row.stage == "rvq" and row.side == side]
        assert sum(row.macs_per_frame for row in rows) == (12 * 4 if side == "receive" else 48)


def test_residual_fsq_with_prefixes_and_bandwidths() -> None:
    # log2(1000) bits, 2000 times per second, are 19.93 kbps a layer: 19 -> 1, 60 -> 3, 1000 -> 6
    params = {"quantizer_levels": [8, 5, 5, 5], "quantizer_n_q": 6, "quantize_dropout": True}
    found = imported(fork("lrac_rfsq", **params, target_bandwidth=[60, 19, 1000]))
    assert found.design.quantizer == Fsq((8, 5, 5, 5), 6, (1, 3, 6))
    assert f"{Q}quantize_dropout" in {field for field, _ in found.ignored}


def test_plain_fsq() -> None:
    found = imported(fork("lrac_onefsq", levels=[4, 4, 3], num_codebooks=1)).design
    assert found.quantizer == Fsq((4, 4, 3))


def test_a_grouped_quantizer() -> None:
    # 3 groups of 8 bits, 2000 times per second, are 48 kbps a layer: 48 -> 1, 200 -> 4
    for key in ("quantizer_groups", "groups", "n_groups"):

        def grouped(tree: Any, key: str = key) -> None:
            quantizer(tree).update({key: 3, "quantizer_target_bandwidth": [48, 200]})

        assert imported(grouped).design.quantizer == GroupedRvq(3, 4, 256, 5, (1, 4))
    one = imported(lambda tree: quantizer(tree).update(groups=1)).design
    assert one == EXPECTED


@pytest.mark.parametrize("codec", ["lrac_rewrite", "lrac_rewrite_enh", "lrac_universa"])
def test_codecs_that_only_train_otherwise(codec: str) -> None:
    params = {"codebook_dim": 5, "n_q": 4, "bins": 256, "target_bandwidth": [16, 33, 1000]}
    assert imported(fork(codec, **params)).design == EXPECTED


@pytest.mark.parametrize(
    ("edit", "expected"),
    [
        (fork("lrac_fsq", levels=[8, 5], num_codebooks_base=1), ["codec: given 'lrac_fsq'"]),
        (fork("lrac_rfsq", **RESIDUAL_FSQ | {"levels": [8, 1]}), [f"{Q}levels[1]: given 1"]),
        (fork("lrac_rfsq", **RESIDUAL_FSQ | {"levels": 8}), [f"{Q}levels: given 8"]),
        (fork("lrac_rfsq", **RESIDUAL_FSQ | {"levels": []}), [f"{Q}levels: given 0 entries"]),
        (fork("lrac_rfsq", levels=[8, 5]), [f"{Q}quantizer_num_quantizers: given nothing"]),
        (fork("lrac_rfsq", num_quantizers=2), [f"{Q}quantizer_levels: given nothing"]),
        (fork("lrac_rfsq", **RESIDUAL_FSQ, n_q=5), [f"{Q}n_q: given an unknown key"]),
        (
            fork("lrac_rfsq", **RESIDUAL_FSQ, soft_clamp_input_value=4),
            [f"{Q}soft_clamp_input_value: given 4; allowed: null"],
        ),
        (
            fork("lrac_onefsq", levels=[8, 5], num_codebooks=2),
            [f"{Q}num_codebooks: given 2; allowed: 1"],
        ),
        (
            lambda tree: quantizer(tree).update(groups=5),
            [f"{Q}groups: given 5; allowed: a divisor of the 12 channels"],
        ),
        (lambda tree: quantizer(tree).update(groups=0), [f"{Q}groups: given 0"]),
    ],
)
def test_what_cannot_be_read_is_named_once(edit: Edit, expected: list[str]) -> None:
    found = problems(edit)
    assert len(found) == len(expected), found
    assert all(text.startswith(start) for text, start in zip(found, expected, strict=True))
