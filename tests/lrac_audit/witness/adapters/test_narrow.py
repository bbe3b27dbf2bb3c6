"""Narrow twins: the same layers with the same paths, made of whatever model the user gives."""

from __future__ import annotations

from typing import Any

import pytest
from torch import nn

from lrac_audit.witness.adapters import registry
from lrac_audit.witness.codec_catalogue import KNOWN_CODECS, KnownCodec
from lrac_audit.witness.factory import as_target
from tests.lrac_audit.witness.conftest import imported
from tests.sweeps import thinned

pytestmark = pytest.mark.filterwarnings(
    "ignore::DeprecationWarning", "ignore::FutureWarning", "ignore::UserWarning"
)
GEOMETRY = ("kernel_size", "stride", "padding", "dilation", "output_padding")


def geometries(model: nn.Module) -> dict[str, tuple[Any, ...]]:
    """Return the geometry in time of every convolution, by path."""
    return {
        path: (type(layer).__name__, *(getattr(layer, name) for name in GEOMETRY))
        for path, layer in model.named_modules()
        if isinstance(layer, nn.Conv1d | nn.ConvTranspose1d)
    }


@pytest.mark.parametrize("codec", thinned(KNOWN_CODECS, 2), ids=lambda codec: codec.name)
def test_the_twin_of_a_known_codec_has_its_layers(codec: KnownCodec) -> None:
    imported(codec.package)
    target = codec.target()
    twin = target.narrow
    assert twin is not None
    assert geometries(twin.root) == geometries(target.root)
    assert [path for path, _ in twin.root.named_modules()] == [
        path for path, _ in target.root.named_modules()
    ]
    assert (twin.sample_rate_hz, twin.hop_samples) == (target.sample_rate_hz, target.hop_samples)
    assert [mode.bitrate_kbps for mode in twin.modes] == [
        mode.bitrate_kbps for mode in target.modes
    ]
    values = [sum(p.numel() for p in each.root.parameters()) for each in (twin, target)]
    assert values[0] < values[1] / 10


def test_the_twin_follows_the_model_that_the_user_changed() -> None:
    snac = imported("snac")
    model = snac.SNAC(
        sampling_rate=16_000,
        encoder_dim=32,
        encoder_rates=[2, 4, 5],
        decoder_dim=256,
        decoder_rates=[5, 4, 2],
        attn_window_size=None,
        vq_strides=[2, 1],
        noise=False,
        depthwise=False,
    ).eval()
    target = as_target(model, "snac")
    assert target.narrow is not None
    assert geometries(target.narrow.root) == geometries(model)


def test_a_codec_whose_twin_cannot_be_made_is_measured_itself(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Fixed(nn.Module):
        pass

    def refuse(model: Any) -> Any:
        raise TypeError("no such width")

    target = as_target(KNOWN_CODECS[0].make(True), "any")
    path = f"{Fixed.__module__}.{Fixed.__qualname__}"
    adapter = registry.Adapter("mine", path, lambda made: target, refuse)
    assert registry._adapted(adapter, Fixed()) is target
