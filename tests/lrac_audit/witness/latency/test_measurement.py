"""Both bounds on codecs of hop 4 whose look-ahead follows from how they are built (see ``toys``).

The latest sample that can change output t is ``t + hop - 1`` of a causal codec, at the first sample
of a hop, for ``Up`` answers with samples 4 f to 4 f + 3 once ``Down`` has seen just these. A
convolution with ``right=n`` at the audio rate adds n, at the latent rate 4 n.
"""

from dataclasses import replace

import pytest
import torch
from torch import nn
from torch.nn import functional
from torch.nn.modules import module as hooks

from lrac_audit.witness.latency import Attribution, critical_clip, measure, timed_trace
from lrac_audit.witness.target import AuditTarget, TargetMode
from tests.lrac_audit.witness.latency.toys import (
    HOP,
    WIDTH,
    Attention,
    CentredSTFT,
    Codec,
    Conv,
    Down,
    HardVQ,
    Recurrent,
    TimeMean,
    Up,
    decoder,
    divided,
    encoder,
    undivided,
)
from tests.tensors import assert_equal_tensors

QUANTIZERS = {
    "no VQ": lambda: nn.Identity(),
    "hard VQ": lambda: HardVQ(),
    "straight-through VQ": lambda: HardVQ(straight_through=True),
}


@pytest.fixture(params=QUANTIZERS)
def quantizer(request):
    return QUANTIZERS[request.param]()


# The second table of known measurements: 3 is framing, so a causal codec has a total of 4.


@pytest.mark.parametrize("look_ahead", [0, 4])
def test_undivided(quantizer, look_ahead):
    found = measure(undivided(Codec(encoder(quantizer, right=look_ahead), decoder())))
    assert found.total_samples == HOP + look_ahead
    assert found.transmit.look_ahead_samples == look_ahead
    assert found.receive is None
    expected = (Attribution("encoder.0.conv", look_ahead),) if look_ahead else ()
    assert found.transmit.attribution == expected
    assert found.proved
    assert found.problems == ()


@pytest.mark.parametrize("right", range(1, 9))
def test_every_number_of_samples(quantizer, right):
    found = measure(undivided(Codec(encoder(quantizer, right=right), decoder())))
    assert found.total_samples == HOP + right
    assert found.transmit.attribution == (Attribution("encoder.0.conv", right),)


def test_masked_attention_is_no_false_alarm(quantizer):
    found = measure(undivided(Codec(encoder(Attention(), quantizer), decoder())))
    assert found.total_samples == HOP
    assert found.transmit.whole_clip == ()


def test_group_norm_over_time(quantizer):
    norm = nn.GroupNorm(1, WIDTH)
    found = measure(undivided(Codec(encoder(norm, quantizer), decoder())))
    assert found.total_samples is None
    [sentence] = found.transmit.whole_clip
    assert sentence.startswith("encoder.2 (GroupNorm): a norm whose statistics run over time")


# Variants.


def test_look_ahead_in_the_decoder(quantizer):
    found = measure(undivided(Codec(encoder(quantizer), decoder(right=5))))
    assert found.total_samples == HOP + 5
    assert found.transmit.attribution == (Attribution("decoder.1.conv", 5),)


def test_look_ahead_at_the_latent_rate(quantizer):
    found = measure(undivided(Codec(encoder(quantizer, Conv(WIDTH, WIDTH, 1, 2)), decoder())))
    assert found.total_samples == HOP + 2 * HOP
    assert found.transmit.attribution == (Attribution("encoder.3.conv", 8),)


class Skip(nn.Module):
    def __init__(self, branch_right, skip_right):
        super().__init__()
        self.first = Conv(WIDTH, WIDTH, 1, branch_right - 1 if branch_right else 0)
        self.second = Conv(WIDTH, WIDTH, 1, 1 if branch_right else 0)
        self.skip = Conv(WIDTH, WIDTH, 0, skip_right)

    def forward(self, x):
        return self.skip(x) + self.second(self.first(x))


@pytest.mark.parametrize(
    ("branch", "skip", "attributed"),
    [
        (0, 3, {"skip.conv": 3}),
        (2, 5, {"skip.conv": 5}),
        (3, 2, {"first.conv": 2, "second.conv": 1}),
    ],
)
def test_of_parallel_paths_the_larger_counts(quantizer, branch, skip, attributed):
    model = Codec(encoder(quantizer), nn.Sequential(Up(), Skip(branch, skip), Conv(WIDTH, 1, 3)))
    found = measure(undivided(model))
    assert found.total_samples == HOP + max(branch, skip)
    assert found.transmit.attribution == tuple(
        Attribution(f"decoder.1.{m}", n) for m, n in attributed.items()
    )


class TrimmedUp(nn.Module):
    """A kernel of two strides: input f reaches samples 4 f - left to 4 f + 7 - left."""

    def __init__(self, left):
        super().__init__()
        self.left = left
        self.conv = nn.ConvTranspose1d(WIDTH, WIDTH, 2 * HOP, HOP)

    def forward(self, x):
        return self.conv(x)[:, :, self.left : self.left + HOP * x.shape[2]]


@pytest.mark.parametrize("left", range(HOP + 1))
def test_a_transposed_convolution_adds_what_it_trims_left(quantizer, left):
    model = Codec(encoder(quantizer), nn.Sequential(TrimmedUp(left), Conv(WIDTH, 1, 3)))
    found = measure(undivided(model))
    assert found.total_samples == HOP + left
    assert found.transmit.attribution == ((Attribution("decoder.0.conv", left),) if left else ())


@pytest.mark.parametrize(("padding", "added"), [(0, 0), (2, 2), (1, 1)])
def test_padding_of_a_transposed_convolution_trims_both_ends(padding, added):
    """``padding=p`` cuts p at either end."""
    up = nn.ConvTranspose1d(WIDTH, 1, 2 * HOP, HOP, padding)
    found = measure(divided(Codec(encoder(), up)))
    assert found.receive.look_ahead_samples == added
    assert found.receive.attribution == ((Attribution("decoder", added),) if added else ())


# Sides apart.


def test_the_sides_of_a_divided_codec():
    model = Codec(encoder(right=6), decoder(right=5))
    found = measure(divided(model))
    assert (found.transmit.look_ahead_samples, found.receive.look_ahead_samples) == (6, 5)
    assert found.total_samples == HOP + 11
    assert found.transmit.attribution == (Attribution("encoder.0.conv", 6),)
    assert found.receive.attribution == (Attribution("decoder.1.conv", 5),)
    # Latent f sees the 4 samples of its hop, 3 before and 6 after.
    assert found.past_samples == 3
    assert found.proved


@pytest.mark.parametrize("right", [0, 1, 3])
def test_a_quantizer_that_looks_ahead(right):
    model = Codec(encoder(right=2), decoder())
    model.quantizer = nn.Sequential(Conv(WIDTH, WIDTH, 1, right), HardVQ())
    target = divided(model)
    mode = TargetMode(1.0, model.quantizer, lambda codes: codes)
    found = measure(target, mode)
    assert found.transmit.look_ahead_samples == 2 + HOP * right
    assert sum(b.added_samples for b in found.transmit.attribution) == 2 + HOP * right
    assert measure(target).transmit.look_ahead_samples == 2


def test_a_stride_that_sees_the_first_sample_only():
    """Latent f is made from sample 4 f alone: three samples less than a whole hop."""
    model = Codec(nn.Conv1d(1, WIDTH, 1, HOP), decoder())
    found = measure(divided(model))
    assert found.transmit.look_ahead_samples == -3
    assert found.transmit.attribution == (Attribution("encoder", -3),)
    assert found.total_samples == 1


def test_several_latent_steps_in_a_hop():
    """Stride 2 and hop 8: latent i sees samples up to 2 i + 1 + 3."""
    coder = nn.Sequential(Conv(1, WIDTH, 0, 3), nn.Conv1d(WIDTH, WIDTH, 2, 2))
    model = Codec(coder, nn.ConvTranspose1d(WIDTH, 1, 2, 2))
    found = measure(divided(model, hop=8))
    assert found.transmit.look_ahead_samples == 3
    assert found.transmit.attribution == (Attribution("encoder.0.conv", 3),)
    assert found.receive.look_ahead_samples == 0


# The whole clip.


@pytest.mark.parametrize(
    ("layer", "module"),
    [
        (lambda: nn.GroupNorm(2, WIDTH), "encoder.2 (GroupNorm)"),
        (lambda: nn.InstanceNorm1d(WIDTH), "encoder.2 (InstanceNorm1d)"),
        (lambda: nn.BatchNorm1d(WIDTH).train(), "encoder.2 (BatchNorm1d)"),
        (TimeMean, "encoder.2 (TimeMean): a mean over time"),
        (lambda: Recurrent(bidirectional=True), "encoder.2.lstm (LSTM): a bidirectional layer"),
        (lambda: Attention(masked=False), "encoder.2.qkv (Linear): attention over the future"),
    ],
)
def test_the_whole_clip_is_named(layer, module):
    found = measure(divided(Codec(encoder(layer()), decoder(right=2))))
    assert found.transmit.look_ahead_samples is None
    assert found.total_samples is None
    assert not found.proved
    [sentence] = found.transmit.whole_clip
    assert sentence.startswith(module)
    assert found.receive.look_ahead_samples == 2


@pytest.mark.parametrize(
    "layer", [lambda: nn.BatchNorm1d(WIDTH).eval(), lambda: Recurrent(bidirectional=False)]
)
def test_what_only_looks_like_it(layer):
    found = measure(divided(Codec(encoder(layer(), right=1), decoder())))
    assert found.transmit.look_ahead_samples == 1
    assert found.transmit.whole_clip == ()
    assert found.proved


def test_a_zero_that_changes_its_sign_does_not_move():
    model = Codec(encoder(right=2), decoder())
    target = divided(model)
    hidden = replace(target, transmit=lambda x: model.encoder(x + 0.0 * x.flip(2)))
    assert measure(hidden).transmit == measure(target).transmit
    assert measure(target).transmit.look_ahead_samples == 2


def test_what_is_written_in_place_is_followed():
    model = Codec(encoder(), decoder(right=5))

    def receive(latent):
        kept = torch.zeros(latent.shape, dtype=latent.dtype)
        kept[:, :1], kept[:, 1:] = latent[:, :1], latent[:, 1:]
        return model.decoder(kept)

    found = measure(replace(divided(model), receive=receive)).receive
    assert found.attribution == (Attribution("decoder.1.conv", 5),)


def test_the_past_of_an_lstm_has_no_end():
    assert measure(divided(Codec(encoder(Recurrent(False)), decoder()))).past_samples is None


def test_centred_stft():
    """Frame f is centred on sample 4 f, so it sees up to 4 f + 7: four after its own hop."""
    found = measure(divided(Codec(CentredSTFT(), decoder())))
    assert found.transmit.look_ahead_samples == 4
    assert found.transmit.attribution == (Attribution("encoder", 4),)
    [sentence] = found.transmit.whole_clip
    assert sentence.startswith("encoder (CentredSTFT): a centred STFT")


# What is refused, and what is left behind.


class Refusing(nn.Module):
    def __init__(self, inner, dtype=None, batch=False):
        super().__init__()
        self.inner, self.dtype, self.batch = inner, dtype, batch

    def forward(self, x):
        if x.dtype == self.dtype or (self.batch and len(x) > 1):
            raise RuntimeError("not with me")
        return self.inner(x)


def test_float64_refused():
    model = Refusing(Codec(encoder(right=4), decoder()), torch.float64)
    found = measure(undivided(model))
    assert (found.total_samples, found.lower_total_samples) == (8, 8)
    [problem] = found.problems
    assert "float64" in problem and "not with me" in problem


def test_batch_refused():
    """No batch is needed."""
    found = measure(undivided(Refusing(Codec(encoder(right=4), decoder()), batch=True)))
    assert found.total_samples == 8
    assert found.problems == ()


def test_nothing_runs():
    def broken(x):
        raise ValueError("no such thing")

    with pytest.raises(ValueError, match="no such thing"):
        measure(AuditTarget("toy", nn.Identity(), 8000, HOP, broken))


def test_random_output():
    """Chance changes no dependency, and both bounds draw the same numbers every time."""
    found = measure(undivided(Codec(encoder(nn.Dropout(0.5).train(), right=2), decoder())))
    assert (found.total_samples, found.proved) == (HOP + 2, True)
    [problem] = found.problems
    assert problem.startswith("random numbers are drawn in encoder.2:")


def test_an_output_without_the_input():
    model = Codec(encoder(), decoder())
    target = AuditTarget("toy", model, 8000, HOP, lambda x: model(0 * x))
    found = measure(target)
    assert found.total_samples is None
    assert found.problems == ("the output of the codec does not depend on its input",)


@pytest.mark.parametrize("fails", [False, True])
def test_the_target_is_as_it_was(fails):
    model = Codec(encoder(nn.BatchNorm1d(WIDTH).train()), decoder().eval())
    torch.nn.utils.parametrizations.weight_norm(model.encoder[1])
    before = {name: value.clone() for name, value in model.state_dict().items()}
    objects = [id(p) for p in model.parameters()]
    modes = [module.training for module in model.modules()]
    state = torch.get_rng_state()
    torch.set_num_threads(2)
    threads = torch.get_num_threads()

    def run(x):
        assert torch.get_num_threads() == 1
        if fails and x.shape[2] > 300:
            raise KeyboardInterrupt
        return model(x)

    target = AuditTarget("toy", model, 8000, HOP, run)
    if fails:
        with pytest.raises(KeyboardInterrupt):
            measure(target)
    else:
        measure(target)
    after = model.state_dict()
    assert list(after) == list(before)
    assert_equal_tensors(after, before)
    assert {k: v.dtype for k, v in after.items()} == {k: v.dtype for k, v in before.items()}
    assert [id(p) for p in model.parameters()] == objects
    assert [module.training for module in model.modules()] == modes
    assert torch.equal(torch.get_rng_state(), state)
    assert not any(m._forward_hooks or m._forward_pre_hooks for m in model.modules())
    assert not hooks._global_forward_hooks and not hooks._global_forward_pre_hooks
    assert torch.get_num_threads() == threads


def test_two_traced_runs_are_enough(monkeypatch):
    """The shorter one, which shows the rates, also has the critical path."""
    hops, traced = [], timed_trace.run_traced

    def counted(section, length, with_values):
        hops.append(length)
        return traced(section, length, with_values)

    for module in (timed_trace, critical_clip):
        monkeypatch.setattr(module, "run_traced", counted)
    found = measure(divided(Codec(encoder(left=5, right=7), decoder())))
    assert (found.transmit.look_ahead_samples, found.past_samples, found.proved) == (7, 5, True)
    assert hops == [72, 600]


def test_progress():
    said = []
    measure(divided(Codec(encoder(), decoder())), progress=said.append)
    assert [s.split()[0] for s in said] == ["tracing", "showing"]


def test_functional_look_ahead_outside_any_layer():
    """Cutting three samples off the start lets every step see three later ones."""

    class Cutting(nn.Module):
        def __init__(self):
            super().__init__()
            self.first, self.down = Conv(1, WIDTH, 1), Down()

        def forward(self, x):
            return self.down(functional.pad(self.first(x)[:, :, 3:], (0, 3)))

    found = measure(divided(Codec(Cutting(), decoder())))
    assert found.transmit.look_ahead_samples == 3
    assert found.transmit.attribution == (Attribution("encoder", 3),)


class WithCodes(nn.Module):
    """A codec whose encoder gives codes to its decoder, behind ``before`` at the latent rate."""

    def __init__(self, before, right):
        super().__init__()
        self.down, self.before, self.up = encoder(), before, decoder()
        self.smooth = Conv(WIDTH, WIDTH, 3, right)
        self.codebook = nn.Parameter(torch.randn(16, WIDTH))

    def encode(self, audio):
        latent = self.before(self.down(audio)).transpose(1, 2)
        return torch.cdist(latent, self.codebook[None]).argmin(2)

    def decode(self, codes):
        return self.up(self.smooth(self.codebook[codes].transpose(1, 2)))


def with_codes(before, right=0, receive=None):
    model = WithCodes(before, right)
    return AuditTarget(
        "codes", model, 8000, HOP, model.encode, receive or model.decode, transmit_quantises=True
    )


def test_the_decoder_behind_a_whole_clip_is_measured_on_codes():
    # The decoder alone looks two frames of 4 ahead.
    found = measure(with_codes(TimeMean(), right=2))
    assert found.transmit.look_ahead_samples is None
    assert found.transmit.whole_clip[0].startswith("before (TimeMean)")
    assert found.receive.look_ahead_samples == 2 * HOP


def test_a_whole_clip_is_named_although_the_decoder_does_not_run_alone():
    target = with_codes(TimeMean())
    pair = replace(
        target,
        transmit=lambda audio: [target.transmit(audio)] * 2,
        receive=lambda codes: target.receive(torch.maximum(*codes)),
    )
    found = measure(pair)
    assert found.transmit.whole_clip[0].startswith("before (TimeMean)")
    assert found.receive.look_ahead_samples is None


class Rotated(nn.Module):
    """Pairs of channels as complex numbers, times complex weights."""

    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(WIDTH // 2, WIDTH // 2, dtype=torch.complex64))

    def forward(self, x):
        pairs = torch.view_as_complex(x.transpose(1, 2).unflatten(2, (-1, 2)).contiguous())
        return torch.view_as_real(pairs @ self.weight).flatten(2).transpose(1, 2)


def test_complex_weights_stay_complex_in_double_precision():
    found = measure(with_codes(Rotated()))
    assert found.proved
    assert found.problems == ()
