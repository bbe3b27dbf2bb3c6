"""The bounds for rounding let rounding through, and nothing else."""

from copy import deepcopy

import pytest
import torch

from lrac_audit.design.formats import load_design
from reference_models.nn.codec import Receiver
from reference_models.nn.quantizers.rvq import trained_layers
from tests.reference_models.nn.filling import filled_codec
from tests.rounding import (
    Reference,
    Rounded,
    assert_nearest,
    assert_rounded,
    linear,
    nearest_up_to_rounding,
    rounding_bound,
)

FRAMES = 40


@pytest.fixture(scope="module")
def reference():
    return Reference(filled_codec(load_design("track1").design, seed=11))


@pytest.fixture(scope="module")
def audio():
    return 0.3 * torch.randn(1, 1, 240 * FRAMES, generator=torch.Generator().manual_seed(12))


@pytest.fixture
def codes(reference, audio):
    return reference.single.encode(audio).clone()


def distances(reference, codes, audio, layer):
    """Distances of the exact residual of ``layer`` from all codewords: ``[F, K]``."""
    residual = reference.latent(audio).values[0].t()
    layers = trained_layers(reference.exact.quantizer)
    with torch.inference_mode():
        for one, chosen in zip(layers[:layer], codes[:layer, 0], strict=True):
            residual = residual - one.project_out(one.search.embed[chosen])
        one = layers[layer]
        return torch.cdist(one.project_in(residual), one.search.embed)


@pytest.mark.parametrize("layer", range(6))
def test_the_second_nearest_codeword_is_found_out(reference, codes, audio, layer):
    best_two = distances(reference, codes, audio, layer).topk(2, 1, largest=False)
    frame = int(best_two.values.diff(dim=1).argmax())
    wrong = codes.clone()
    assert wrong[layer, 0, frame] == best_two.indices[frame, 0]
    wrong[layer, 0, frame] = best_two.indices[frame, 1]
    with pytest.raises(AssertionError, match=f"layer {layer}, frame {frame}: not the nearest"):
        reference.check_codes(wrong, codes, audio)


def test_nearly_every_second_nearest_codeword_is_found_out(reference, codes, audio):
    """Not only where the second is far away: a comparison that lets many through proves little."""
    latent, layers = reference.latent(audio), trained_layers(reference.exact.quantizer)
    second = distances(reference, codes, audio, 0).topk(2, 1, largest=False).indices[:, 1]
    let_through = []
    for frame in range(FRAMES):
        one = Rounded(*(x[:, :, frame : frame + 1] for x in latent))
        try:
            assert_nearest(second[None, None, frame : frame + 1], one, layers, torch.float32)
        except AssertionError:
            continue
        let_through.append(frame)
    assert len(let_through) <= 0.05 * FRAMES


@pytest.mark.parametrize(("further", "tie"), [(1.0, True), (1.01, False)])
@torch.inference_mode()
def test_a_tie_is_let_through(reference, codes, audio, further, tie):
    """A codeword put where the chosen one has its mirror image, seen from the vector coded."""
    layer = trained_layers(deepcopy(reference.exact.quantizer))[0]
    latent = Rounded(*(x[:, :, 5:6] for x in reference.latent(audio)))
    x = layer.project_in(latent.values[0].t())[0]
    spare = int((layer.search.embed - x).norm(dim=1).argmax())
    mirrored = x + further * (x - layer.search.embed[codes[0, 0, 5]])
    layer.search.embed[spare] = mirrored.float().double()
    rows = Rounded(*(values[0].t() for values in latent))
    projected = linear(layer.project_in, rows, torch.finfo(torch.float32).eps / 2)
    within_rounding = nearest_up_to_rounding(layer.search.embed, projected)
    chosen = int(codes[0, 0, 5])
    expected = sorted([chosen, spare]) if tie else [chosen]
    assert within_rounding[0].nonzero()[:, 0].tolist() == expected


def test_codes_that_are_all_ties_prove_nothing(reference, codes, audio):
    latent = reference.latent(audio)
    careless = latent._replace(errors=torch.ones_like(latent.errors))
    with pytest.raises(AssertionError, match="ties in 240 codes"):
        assert_nearest(codes, careless, trained_layers(reference.exact.quantizer), torch.float32)


@torch.inference_mode()
def test_another_order_of_sums_is_let_through_and_what_is_worse_is_not(reference, codes):
    offline = reference.single.decode(codes)
    stream = Receiver(reference.single)
    streamed = torch.cat([*(stream.push(code) for code in codes.split(1, 2)), stream.flush()], 2)
    reference.check_audio(streamed, codes)
    bound = rounding_bound(offline, reference.exact.decode(codes))
    for beyond in (1.2, -1.2):
        wrong = reference.exact.decode(codes)
        wrong[0, 0, 1000] += beyond * bound
        with pytest.raises(AssertionError, match="off by"):
            assert_rounded(wrong.float(), offline, reference.exact.decode(codes))


def test_float64_is_held_to_its_own_rounding(reference, codes):
    exact = reference.exact.decode(codes)
    reference.check_audio(exact + 1e-15, codes)
    with pytest.raises(AssertionError, match="off by"):
        reference.check_audio(exact + 1e-12, codes)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision_cannot_vouch_for_itself(reference, codes, dtype):
    """Audio that is rounded to it once at the end."""
    exact, single = reference.exact.decode(codes), reference.single.decode(codes)
    halved = single.to(dtype).float()
    with pytest.raises(AssertionError, match="off by"):
        assert_rounded(halved, single, exact)
    with pytest.raises(AssertionError, match="worse than float32"):
        rounding_bound(halved, exact)
