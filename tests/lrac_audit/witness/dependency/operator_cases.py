"""Cases for the rules: functions of an input [2, 4, 12] whose dependence is found by brute force.

Some are drawn at random within their kind. ``exact`` says that perturbation finds every dependence,
so that the rule must give the very same; otherwise it may give more.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from tests.lrac_audit.witness.torch_features import feature

Function = Callable[[Tensor], Any]
CHANNELS, STEPS = 4, 12
aten = torch.ops.aten


class OperatorCase(NamedTuple):
    """One kind of case."""

    make: Callable[[Random], Function]
    exact: bool
    is_drawn: bool
    """Whether there are several functions of this kind."""


CASES: dict[str, OperatorCase] = {}


def case(exact: bool = True) -> Callable[[Callable[[Random], Function]], Any]:
    def register(make: Callable[[Random], Function]) -> Any:
        assert make.__name__ not in CASES
        CASES[make.__name__] = OperatorCase(make, exact, True)
        return make

    return register


def plain(exact: bool = True, **functions: Function) -> None:
    """Register cases without anything random in them."""
    for name, function in functions.items():
        assert name not in CASES
        CASES[name] = OperatorCase(lambda _, function=function: function, exact, False)


def constant(*shape: int, seed: int = 1) -> Tensor:
    return torch.randn(*shape, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))


def positive(x: Tensor) -> Tensor:
    return x.abs() + 0.5


MASK = torch.rand(STEPS, STEPS, generator=torch.Generator().manual_seed(5)) > 0.6
MASK |= torch.eye(STEPS, dtype=torch.bool)
EYE = torch.eye(STEPS).double()
SPARSE = constant(STEPS, STEPS) * MASK


@case()
def convolution(draw: Random) -> Function:
    groups = draw.choice([1, 2, 4])
    return nn.Conv1d(
        CHANNELS,
        draw.choice([4, 8]),
        draw.choice([1, 2, 3]),
        stride=draw.choice([1, 2, 3]),
        padding=draw.choice([0, 1, 2]),
        dilation=draw.choice([1, 2]),
        groups=groups,
        bias=draw.choice([True, False]),
    ).double()


@case()
def convolution_of_long_kernel(draw: Random) -> Function:
    return nn.Conv1d(CHANNELS, 2, draw.choice([8, 9, 11]), padding=draw.choice([0, 4, 9])).double()


@case()
def convolution_with_zeros(draw: Random) -> Function:
    groups = draw.choice([1, 2])
    layer = nn.Conv1d(CHANNELS, 4, 5, padding=2, groups=groups, stride=draw.choice([1, 2])).double()
    keep = torch.tensor([draw.random() > 0.6 for _ in range(layer.weight.numel())])
    layer.weight.data *= keep.reshape(layer.weight.shape)
    mixed = torch.stack([torch.roll(torch.eye(STEPS), k, 0) for k in range(CHANNELS)]).double()
    return lambda x: layer(torch.einsum("bct,cts->bcs", x, mixed))


@case()
def transposed_convolution(draw: Random) -> Function:
    stride = draw.choice([1, 2, 3])
    return nn.ConvTranspose1d(
        CHANNELS,
        4,
        draw.choice([1, 2, 3, 5]),
        stride=stride,
        padding=draw.choice([0, 1]) if stride > 1 else 0,
        output_padding=draw.choice([0, stride - 1]),
        dilation=draw.choice([1, 2]) if stride > 1 else 1,
        groups=draw.choice([1, 2]),
    ).double()


@case()
def transposed_convolution_with_zeros(draw: Random) -> Function:
    layer = nn.ConvTranspose1d(CHANNELS, 4, 6, stride=2, groups=draw.choice([1, 2])).double()
    keep = torch.tensor([draw.random() > 0.5 for _ in range(layer.weight.numel())])
    layer.weight.data *= keep.reshape(layer.weight.shape)
    return layer


@case()
def convolution_in_two_dimensions(draw: Random) -> Function:
    layer = nn.Conv2d(
        2,
        3,
        (draw.choice([1, 2]), draw.choice([1, 3])),
        stride=(1, draw.choice([1, 2])),
        padding=(0, draw.choice([0, 1])),
    ).double()
    return lambda x: layer(x.reshape(2, 2, 2, STEPS))


@case()
def masked_convolution_in_two_dimensions(draw: Random) -> Function:
    layer = nn.Conv2d(1, 2, 3, padding=1).double()
    keep = torch.tensor([draw.random() > 0.4 for _ in range(9)])
    layer.weight.data *= keep.reshape(1, 1, 3, 3)
    return lambda x: layer(x.unsqueeze(1))


@case()
def convolution_of_a_constant(draw: Random) -> Function:
    signal = constant(1, 1, 20)
    return lambda x: functional.conv1d(signal, x[:1, :1, :3])


def traced_convolution(x: Tensor) -> Tensor:
    """The operator of a module that ``torch.jit.trace`` made."""
    weight = constant(2, CHANNELS, 3)
    geometry = [2], [1], [1], False, [0]
    return aten._convolution(x, weight, None, *geometry, 1, False, False, False, False)


plain(traced_convolution=traced_convolution)


@case()
def products_of_matrices(draw: Random) -> Function:
    left, right = constant(3, STEPS), SPARSE
    return draw.choice(
        [
            lambda x: x @ right,
            lambda x: right @ x.transpose(1, 2),
            lambda x: left @ x[0].T,
            lambda x: x[0] @ right,
            lambda x: x.transpose(1, 2) @ x,
            lambda x: x[0] @ right[0],
            lambda x: torch.bmm(x, x.transpose(1, 2)),
            lambda x: torch.addmm(x[0], x[1], right),
            lambda x: torch.baddbmm(x, x, right.expand(2, -1, -1)),
            lambda x: torch.dot(x[0, 0], x[0, 1]),
            lambda x: functional.linear(x, left, constant(3)),
            lambda x: functional.linear(x.transpose(1, 2), constant(5, CHANNELS)),
        ]
    )


plain(
    mv=lambda x: x[0] @ SPARSE[:, 3],
    mv_by_mask=lambda x: SPARSE @ x[0, 0],
    addmm=lambda x: torch.addmm(x[0], x[1], SPARSE),
    baddbmm=lambda x: torch.baddbmm(x, x, SPARSE.expand(2, -1, -1)),
    dot=lambda x: torch.dot(x[0, 0], x[0, 1]),
    vdot=lambda x: torch.vdot(x[0, 0], constant(STEPS)),
    mm=lambda x: x[0] @ SPARSE,
    mm_of_a_column=lambda x: x[0, 0, :, None] @ torch.tensor([[1.0, 0.0, 2.0]]).double(),
    mm_of_one_row=lambda x: torch.ones(2, 1).double() @ x[0, :1],
    bmm=lambda x: torch.bmm(x, x.transpose(1, 2)),
    cdist=lambda x: torch.cdist(x.transpose(1, 2), x.transpose(1, 2).flip(2)[:, :5]),
    cdist_by_products=lambda x: torch.cdist(
        x.transpose(1, 2), x.transpose(1, 2).flip(2)[:, :5], compute_mode="use_mm_for_euclid_dist"
    ),
)


def attention(mask: Tensor | None, causal: bool = False) -> Function:
    def run(x: Tensor) -> Tensor:
        q = x.transpose(1, 2).unsqueeze(1)
        return functional.scaled_dot_product_attention(q, q, q, attn_mask=mask, is_causal=causal)

    return run


@case()
def scaled_dot_product_attention(draw: Random) -> Function:
    bias = torch.zeros(STEPS, STEPS).double().masked_fill(~MASK, -torch.inf)
    huge = constant(STEPS, STEPS).masked_fill(~MASK, -1e9)
    return draw.choice(
        [attention(None), attention(MASK), attention(bias), attention(huge), attention(None, True)]
    )


def flash_attention(x: Tensor) -> Any:
    q = x.transpose(1, 2).unsqueeze(1).contiguous()
    bias = torch.zeros(STEPS, STEPS).double().masked_fill(~MASK, -torch.inf)
    mask = bias.repeat(2, 1, 1, 1)
    attend = feature("ops.aten._scaled_dot_product_flash_attention_for_cpu")
    return attend(q, q, q, attn_mask=mask)[0]


plain(flash_attention=flash_attention)


def by_hand(add_mask: Callable[[Tensor], Tensor]) -> Function:
    def run(x: Tensor) -> Tensor:
        x = 0.1 * x.clamp(-3, 3)
        scores = add_mask(x.transpose(1, 2) @ x)
        return scores.softmax(-1) @ x.transpose(1, 2)

    return run


def softmax_by_hand(largest: Callable[[Tensor], Tensor]) -> Function:
    """Attention with a softmax in steps, after the mask."""

    def run(x: Tensor) -> Tensor:
        x = 0.1 * x.clamp(-3, 3)
        scores = (x.transpose(1, 2) @ x).masked_fill(~MASK, -torch.inf)
        weights = torch.exp(scores - largest(scores))
        return (weights / weights.sum(-1, keepdim=True)) @ x.transpose(1, 2)

    return run


MULTIHEAD = nn.MultiheadAttention(CHANNELS, 2, batch_first=True).double().eval()


def multihead(x: Tensor) -> Tensor:
    q = 0.1 * x.clamp(-3, 3).transpose(1, 2)
    return MULTIHEAD(q, q, q, attn_mask=~MASK)[0]


@case()
def attention_by_hand(draw: Random) -> Function:
    bias = torch.zeros(STEPS, STEPS).double().masked_fill(~MASK, -torch.inf)
    return draw.choice(
        [
            by_hand(lambda scores: scores + bias),
            by_hand(lambda scores: bias + scores),
            by_hand(lambda scores: scores.masked_fill(~MASK, -1e9)),
            by_hand(lambda scores: torch.where(MASK, scores, torch.tensor(-1e6).double())),
            by_hand(lambda scores: (scores + 1e4 * (MASK.double() - 1)).clone()),
            by_hand(lambda scores: scores - 1e9 * (1 - MASK.double())),
            by_hand(lambda scores: torch.sub(scores, (~MASK).double(), alpha=1e9)),
            by_hand(
                lambda scores: torch.baddbmm(
                    bias.expand(2, -1, -1), scores, torch.eye(STEPS).double().expand(2, -1, -1)
                )
            ),
            by_hand(lambda scores: scores - 1000.0 * (~MASK)),
            by_hand(lambda scores: torch.maximum(scores + bias, torch.tensor(-1e30).double())),
            by_hand(lambda scores: (scores + bias) * 0.125),
            by_hand(lambda scores: 0.125 * scores.masked_fill(~MASK, -1e9)),
            by_hand(lambda scores: scores.masked_fill(~MASK, -1e4) / 8),
            by_hand(lambda scores: (scores - 1000.0 * (~MASK)) * 1.5),
            by_hand(lambda scores: (scores + bias) * torch.tensor([0.125]).double()),
            multihead,
        ]
    )


@case()
def attention_with_a_softmax_in_steps(draw: Random) -> Function:
    return draw.choice(
        [
            softmax_by_hand(lambda scores: scores.amax(-1, keepdim=True)),
            softmax_by_hand(lambda scores: scores.max(-1, keepdim=True).values),
            softmax_by_hand(lambda scores: scores.logsumexp(-1, keepdim=True)),
            softmax_by_hand(lambda scores: torch.zeros(1)),
        ]
    )


@case()
def attention_with_a_mask_that_is_scaled_away(draw: Random) -> Function:
    hidden = (~MASK).double()
    return draw.choice(
        [
            by_hand(lambda scores: (scores - 1000.0 * hidden) * 1e-4),
            by_hand(lambda scores: (scores - 1e4 * hidden) / 1e6),
            by_hand(lambda scores: (scores - 1e4 * hidden) * 0.05 * 0.001),
        ]
    )


def hidden_attention(x: Tensor) -> Tensor:
    """Attention through a mask that itself depends on the input."""
    return attention(torch.where(MASK, x[0, :1, :1], torch.tensor(-1e9).double()))(x)


plain(exact=False, attention_with_a_mask_of_the_input=hidden_attention)
plain(
    softmax=lambda x: (x * 1e-6).softmax(-1),
    log_softmax=lambda x: x.log_softmax(1),
    softmax_of_a_masked_row=lambda x: (x * 1e-6 + torch.full((STEPS,), -1e9)).softmax(1),
    safe_softmax=lambda x: feature("ops.aten._safe_softmax")(x * 1e-6, 1),
    glu=lambda x: functional.glu(x, 1),
    glu_over_time=lambda x: functional.glu(x, 2),
    layer_norm=lambda x: functional.layer_norm(x, (STEPS,)),
    layer_norm_over_channels=lambda x: functional.layer_norm(x.mT, (CHANNELS,)),
    rms_norm=lambda x: feature("nn.functional.rms_norm")(x.mT, (CHANNELS,)),
    batch_norm=nn.BatchNorm1d(CHANNELS).double().eval(),
    group_norm=lambda x: functional.group_norm(x.transpose(1, 2)[..., None], 3),
    group_norm_over_time=lambda x: functional.group_norm(x, 2),
    instance_norm=lambda x: functional.instance_norm(x),
    batch_norm_of_batches=lambda x: functional.batch_norm(x, None, None, training=True),
)


@case()
def recurrent(draw: Random) -> Function:
    kind = draw.choice([nn.LSTM, nn.GRU])
    layer = kind(
        CHANNELS,
        3,
        num_layers=draw.choice([1, 2]),
        bidirectional=draw.choice([True, False]),
        batch_first=draw.choice([True, False]),
    ).double()
    if layer.batch_first:
        return lambda x: layer((0.1 * x).clamp(-2, 2).transpose(1, 2))
    return lambda x: layer((0.1 * x).clamp(-2, 2).permute(2, 0, 1))


def rnn(kind: Callable[..., nn.Module], **options: Any) -> nn.Module:
    torch.manual_seed(0)
    return kind(CHANNELS, 3, **options).double()


SMALL = 0.1


def soft(x: Tensor) -> Tensor:
    """Return the input where recurrent layers do not saturate."""
    return torch.tanh(SMALL * x.clamp(-9, 9)).permute(2, 0, 1)


LSTM, GRU, TANH, RELU = rnn(nn.LSTM), rnn(nn.GRU), rnn(nn.RNN), rnn(nn.RNN, nonlinearity="relu")
LSTM_CELL, GRU_CELL = rnn(nn.LSTMCell), rnn(nn.GRUCell)
PROJECTED, BOTH_WAYS = rnn(nn.LSTM, proj_size=2), rnn(nn.GRU, bidirectional=True)


def packed(x: Tensor) -> Any:
    sequence = nn.utils.rnn.pack_padded_sequence(soft(x), torch.tensor([STEPS, 7]))
    output, state = BOTH_WAYS(sequence)
    return nn.utils.rnn.pad_packed_sequence(output)[0], state


def packed_unsorted(x: Tensor) -> Any:
    sequence = nn.utils.rnn.pack_padded_sequence(
        soft(x).transpose(0, 1), torch.tensor([5, STEPS]), batch_first=True, enforce_sorted=False
    )
    output, (state, _) = LSTM(sequence)
    return nn.utils.rnn.pad_packed_sequence(output, batch_first=True)[0], state


plain(
    exact=False,
    packed=packed,
    packed_unsorted=packed_unsorted,
)
plain(
    exact=False,
    lstm=lambda x: LSTM(soft(x)),
    gru=lambda x: GRU(soft(x)),
    rnn_tanh=lambda x: TANH(soft(x)),
    rnn_relu=lambda x: RELU(soft(x)),
    lstm_projected=lambda x: PROJECTED(soft(x)),
    unbatched_gru=lambda x: GRU(soft(x)[:, 0]),
    gru_from_a_state=lambda x: GRU(soft(x)[:5], soft(x)[7:8, :, :3].contiguous()),
    lstm_cells=lambda x: LSTM_CELL(soft(x)[1], LSTM_CELL(soft(x)[0])),
    gru_cells=lambda x: GRU_CELL(soft(x)[1], GRU_CELL(soft(x)[0])),
    gru_cell_by_cell=lambda x: GRU(soft(x)[:1], GRU(soft(x)[1:2])[1]),
)


@case()
def views(draw: Random) -> Function:
    order = draw.sample(range(3), 3)
    start, step = draw.choice([0, 1, 3]), draw.choice([1, 2, 3])
    return draw.choice(
        [
            lambda x: x.permute(order),
            lambda x: x.transpose(0, 2),
            lambda x: x[0].t(),
            lambda x: x[..., start::step],
            lambda x: x[:, 1],
            lambda x: x.unsqueeze(start % 3),
            lambda x: x[:, :1].squeeze(1),
            lambda x: x.split(5, -1),
            lambda x: x.split([5, 4, 3], -1),
            lambda x: x.unbind(1),
            lambda x: x.unfold(-1, 4, step),
            lambda x: x.diagonal(0, 1, 2),
            lambda x: x[:, :1].expand(-1, 3, -1),
            lambda x: x.reshape(2, 2, 2, 3, 4),
            lambda x: x.transpose(1, 2).reshape(2, -1),
            lambda x: x.reshape(8, 12).reshape(4, 24),
            lambda x: x.as_strided((2, 5, 3), (48, 2, 3), start),
            lambda x: x.roll(start + 1, -1),
            lambda x: x.flip(start % 3),
            lambda x: x.repeat(2, 1, step),
            lambda x: x.repeat_interleave(step, -1),
        ]
    )


plain(
    permute=lambda x: x.permute(2, 0, 1),
    transpose=lambda x: x.transpose(0, 2),
    t=lambda x: x[0].t(),
    slice=lambda x: x[..., 1::3],
    select=lambda x: x[:, 1],
    unsqueeze=lambda x: x.unsqueeze(1),
    squeeze=lambda x: x[:, :1].squeeze(1),
    split=lambda x: x.split(5, -1),
    split_with_sizes=lambda x: x.split([5, 4, 3], -1),
    unbind=lambda x: x.unbind(1),
    unfold=lambda x: x.unfold(-1, 4, 3),
    diagonal=lambda x: x.diagonal(0, 1, 2),
    expand=lambda x: x[:, :1].expand(-1, 3, -1),
    view=lambda x: x.view(2, 2, 2, 3, 4),
    view_of_merged_axes=lambda x: x.view(8, 12).view(4, 24),
    unsafe_view=lambda x: torch.ops.aten._unsafe_view(x, [8, 12]),
    reshape_alias=lambda x: torch.ops.aten._reshape_alias(x, [8, 12], [12, 1]),
    view_copy=lambda x: aten.view_copy(x, [8, 12]),
    reshape_copy=lambda x: aten._reshape_copy(x, [8, 12]),
    as_strided=lambda x: x.as_strided((2, 5, 3), (48, 2, 3), 1),
    as_strided_of_a_slice=lambda x: x[..., 3:].as_strided((2, 5), (48, 2)),
    roll=lambda x: x.roll(2, -1),
    flip=lambda x: x.flip(-1),
    repeat=lambda x: x.repeat(2, 1, 3),
    repeat_interleave=lambda x: x.repeat_interleave(2, -1),
    slice_scatter=lambda x: torch.slice_scatter(x, x[..., :4], -1, 3, 7),
    select_scatter=lambda x: torch.select_scatter(x, x[..., 0], -1, 3),
    diagonal_scatter=lambda x: torch.diagonal_scatter(x[0], x[1, :, 0]),
    diag_embed=lambda x: torch.diag_embed(x),
    cat=lambda x: torch.cat([x, x[..., :3], torch.zeros(2, CHANNELS, 2)], -1),
    cat_with_empty=lambda x: torch.cat([torch.zeros(0), x.flip(-1)], -1),
    stack=lambda x: torch.stack([x, x.flip(-1), torch.zeros(x.shape)], 1),
    clone=lambda x: x.clone(),
    alias=lambda x: torch.ops.aten.alias(x),
    detach=lambda x: x.detach(),
    to_copy=lambda x: x.float(),
    lift_fresh=lambda x: torch.ops.aten.lift_fresh(x),
    polar=lambda x: torch.polar(positive(x), x),
)
plain(
    exact=False,
    view_as_complex=lambda x: torch.view_as_real(torch.view_as_complex(x.reshape(2, 4, 6, 2))),
    conj=lambda x: torch.view_as_real(torch.complex(x, x.flip(-1)).conj().resolve_conj()),
    conj_physical=lambda x: torch.conj_physical(torch.complex(x, x)),
    neg_view=lambda x: torch.view_as_real(torch.complex(x, x.flip(-1))),
    imaginary_part_of_a_conjugate=lambda x: torch.complex(x, x.flip(-1)).conj().imag + 0,
)


@case()
def elementwise(draw: Random) -> Function:
    return draw.choice(
        [
            lambda x: torch.tanh(1e-7 * x) + x.flip(-1),
            lambda x: x * x.roll(1, -1),
            lambda x: x / positive(x.roll(1, -1)),
            lambda x: x - 2 * x.roll(3, -1),
            lambda x: torch.where(MASK[0], x, x.flip(-1)),
            lambda x: torch.maximum(x, x.flip(-1)) + torch.minimum(x, x.flip(-1)),
            lambda x: torch.lerp(x, x.flip(-1), 0.3),
            lambda x: torch.addcmul(x, x.roll(1, -1), x.roll(2, -1)),
        ]
    )


plain(
    mul=lambda x: x * SPARSE[0],
    div=lambda x: (x * SPARSE[0]) / positive(x.roll(1, -1)),
    mul_by_zero=lambda x: (x * 0).unsqueeze(-1) @ x.unsqueeze(-2),
    add=lambda x: x + SPARSE[1],
    sub=lambda x: SPARSE[1] - x.roll(1, -1),
    where=lambda x: torch.where(MASK[0], x, 2.0),
    where_both=lambda x: torch.where(MASK[0], x, x.roll(1, -1)),
    masked_fill=lambda x: x.masked_fill(MASK[0], 0.0),
    tril=lambda x: x.tril(2),
    triu=lambda x: x.triu(-1),
    triangle_times=lambda x: x[0].triu(2) @ SPARSE,
    fill=lambda x: x.clone().fill_(x[0, 0, 3]),
    zero=lambda x: x.clone().zero_(),
    copy=lambda x: torch.zeros(x.shape).double().copy_(x),
    dropout_that_drops_nothing=lambda x: torch.ops.aten.native_dropout(x, 0.0, True)[0],
    dropout=lambda x: functional.dropout(x, 1e-9, training=True),
    noise_like_the_input=lambda x: (
        torch.randn_like(x) + torch.rand_like(x) + torch.randint_like(x, 9)
    ),
    normal_about_the_input=lambda x: torch.normal(x, 1.0),
    normal_by_the_input=lambda x: torch.normal(0.0, positive(x)),
    overwritten_by_noise=lambda x: x.clone().normal_(),
    poisson=lambda x: torch.poisson(0 * positive(x)),
    **{
        name: lambda x, name=name: getattr(x.clone(), f"{name}_")()
        for name in ("uniform", "exponential", "log_normal", "cauchy", "random")
    },
    geometric=lambda x: x.clone().geometric_(0.5),
)
plain(
    exact=False,
    where_of_the_input=lambda x: torch.where(x > 0, x.roll(1, -1), x.roll(2, -1)),
    masked_fill_of_the_input=lambda x: x.roll(1, -1).masked_fill(x > 0, 1.0),
    search_in_the_input=lambda x: torch.searchsorted(x.abs().cumsum(-1), x[..., :5].contiguous()),
    bucketize_by_the_input=lambda x: torch.bucketize(constant(7), x[0, 0].abs().cumsum(-1)),
    isin_the_input=lambda x: torch.isin(torch.arange(-3, 3), x[0, 0].round()),
    fake_quantize=lambda x: torch.fake_quantize_per_tensor_affine(x, 0.1, 0, -9, 9),
    bucketize=lambda x: torch.bucketize(x, torch.tensor([-1.0, 0.0, 1.0]).double()),
    searchsorted=lambda x: torch.searchsorted(torch.tensor([-1.0, 0.0, 1.0]).double(), x),
    isin=lambda x: torch.isin(x.sign(), torch.tensor([1.0]).double()),
    bernoulli=lambda x: torch.bernoulli(x.clamp(0, 1)),
    rounding=lambda x: x.round(),
    compare=lambda x: x > x.roll(1, -1),
)


def reduction(reduce: Callable[..., Any], axis: int) -> Function:
    return lambda x: reduce(1e-3 * x.clamp(-9, 9), dim=axis)


REDUCTIONS = (torch.sum, torch.mean, torch.amax, torch.amin, torch.var, torch.std, torch.std_mean)
MORE_REDUCTIONS = (torch.var_mean, torch.nansum, torch.logsumexp, torch.prod)
for reduce in (*REDUCTIONS, *MORE_REDUCTIONS):
    exact = reduce in (torch.sum, torch.mean)
    plain(**{reduce.__name__: reduction(reduce, 1)})
    plain(exact=exact, **{f"{reduce.__name__}_over_time": reduction(reduce, 2)})
plain(
    aminmax=lambda x: torch.aminmax(x, dim=-1),
    sum_of_all=lambda x: x.sum(),
    mean_keepdim=lambda x: x.mean((1, 2), keepdim=True),
    vector_norm=lambda x: torch.linalg.vector_norm(x, dim=1),
    cumsum=lambda x: x.cumsum(-1),
    cumprod=lambda x: (1 + 0.01 * x.clamp(-9, 9)).cumprod(-1),
    logcumsumexp=lambda x: (0.01 * x.clamp(-9, 9)).logcumsumexp(-1),
    cummax=lambda x: x.cummax(-1).values,
    cummin=lambda x: x.cummin(-1).values,
    scan_backwards=lambda x: x.flip(-1).cumsum(-1).flip(-1),
    scan_over_channels=lambda x: x.cumsum(1),
    fft_r2c=lambda x: torch.fft.rfft(x, dim=1),
    fft_c2c=lambda x: torch.fft.fft(torch.complex(x, x.roll(1, -1)), dim=1),
)
plain(
    exact=False,
    max=lambda x: x.max(-1),
    max_of_all=lambda x: x.max(),
    max_of_two=lambda x: torch.max(x, x.roll(1, -1)),
    min=lambda x: x.min(-1),
    argmax=lambda x: x.argmax(1),
    argmin=lambda x: x.argmin(1),
    any=lambda x: (x > 0).any(1),
    all=lambda x: (x > 0).all(1),
    median=lambda x: x.median(1),
    nanmedian=lambda x: x.nanmedian(1),
    mode=lambda x: x.round().mode(1),
    kthvalue=lambda x: x.kthvalue(2, 1),
    count_nonzero=lambda x: x.relu().count_nonzero(1),
    sort=lambda x: x.sort(1),
    topk=lambda x: x.topk(2, 1),
    argsort=lambda x: x.argsort(1),
    renorm=lambda x: torch.renorm(x, 2, 0, 1.0),
    histc=lambda x: x[0, 0].histc(4, -2, 2),
    fft_c2r=lambda x: torch.fft.irfft(torch.complex(x, x.roll(1, -1)), dim=1),
    spectrum_and_back=lambda x: torch.fft.irfft(torch.fft.rfft(x)),
    weight_norm=lambda x: torch._weight_norm(x, positive(x).amax((1, 2), keepdim=True), 0),
)


@case()
def pooling(draw: Random) -> Function:
    kernel, stride = draw.choice([1, 2, 3]), draw.choice([1, 2])
    padding = draw.choice([0, kernel // 2])
    return draw.choice(
        [
            lambda x: functional.avg_pool1d(x, kernel, stride, padding),
            lambda x: functional.max_pool1d(x, kernel, stride, padding, 2),
            lambda x: functional.max_pool1d(x, kernel, ceil_mode=True),
            lambda x: functional.avg_pool2d(x, kernel, stride, padding),
            lambda x: functional.adaptive_avg_pool1d(x, kernel + 2),
        ]
    )


plain(
    avg_pool1d=lambda x: functional.avg_pool1d(x, 3, 2, 1),
    avg_pool2d=lambda x: functional.avg_pool2d(x, (1, 3)),
    avg_pool3d=lambda x: functional.avg_pool3d(x[:, None, None], (1, 2, 3)),
    max_pool1d=lambda x: functional.max_pool1d(x, 3, 2, 1),
    max_pool2d=lambda x: functional.max_pool2d(x, (2, 3)),
    max_pool3d=lambda x: functional.max_pool3d(x[:, None, None], (1, 2, 3)),
    adaptive_avg_pool2d=lambda x: functional.adaptive_avg_pool2d(x, (3, 5)),
    adaptive_avg_pool3d=lambda x: functional.adaptive_avg_pool3d(x[:, None, None], (1, 3, 5)),
    adaptive_max_pool2d=lambda x: functional.adaptive_max_pool2d(x, (2, 7)),
    adaptive_max_pool3d=lambda x: functional.adaptive_max_pool3d(x[:, None, None], (1, 2, 7)),
    im2col=lambda x: functional.unfold(x[:, None], (2, 3), dilation=(1, 2), padding=(0, 1)),
    col2im=lambda x: functional.fold(x[:, :, :6], (3, 4), (2, 2)),
    unfold_backward=lambda x: torch.ops.aten.unfold_backward(
        x.unfold(-1, 4, 2), [2, CHANNELS, STEPS], 2, 4, 2
    ),
)


@case()
def padding(draw: Random) -> Function:
    left, right = draw.randint(0, 5), draw.randint(0, 5)
    mode = draw.choice(["constant", "reflect", "replicate", "circular"])
    return lambda x: functional.pad(x, (left, right), mode=mode)


for dims, kind in ((d, k) for d in (1, 2, 3) for k in ("reflect", "replicate")):
    plain(
        **{
            f"{kind}_{dims}d": lambda x, d=dims, k=kind: functional.pad(
                x[(slice(None), *[None] * (d - 1))], [2, 1, *[0] * (2 * d - 2)], mode=k
            )
        }
    )
plain(
    constant_pad=lambda x: functional.pad(x, (2, -1)) @ torch.ones(13, 2).double(),
    cropped=lambda x: functional.pad(x, (-2, -3)),
)


@case()
def interpolation(draw: Random) -> Function:
    mode, size = draw.choice(["nearest", "linear", "nearest-exact"]), draw.choice([5, 7, 24, 30])
    return lambda x: functional.interpolate(x, size=size, mode=mode)


plain(
    linear_interpolation=lambda x: functional.interpolate(x, scale_factor=2.0, mode="linear"),
    aligned_interpolation=lambda x: functional.interpolate(
        x, size=23, mode="linear", align_corners=True
    ),
    **{
        f"{mode}_{d}d": lambda x, d=d, mode=mode: functional.interpolate(
            x[(slice(None), *[None] * (d - 1))], size=(*[1] * (d - 2), 4, 18)[-d:], mode=mode
        )
        for d in (1, 2, 3)
        for mode in ("nearest", "nearest-exact")
    },
)

INDEX = torch.tensor([[3, 0, 11, 3], [7, 7, 1, 2]])
TABLE = constant(50, 3)


def code(x: Tensor) -> Tensor:
    return (10 * x).round().long() % 7


plain(
    index_select=lambda x: x.index_select(-1, INDEX[0]),
    gather=lambda x: x.gather(-1, INDEX[:, None]),
    index=lambda x: x[:, :, INDEX],
    index_of_two_axes=lambda x: x[[0, 1, 1], :, [5, 6, 7]],
    index_by_mask=lambda x: x[:, :, MASK[0]],
    unsafe_index=lambda x: torch.ops.aten._unsafe_index(x, [None, None, INDEX]),
    index_put=lambda x: x.index_put((torch.tensor([0, 1]),), x[:, :1].flip(-1)),
    index_put_accumulated=lambda x: x.index_put(
        (torch.tensor([0, 0]),), x.flip(-1), accumulate=True
    ),
    unsafe_index_put=lambda x: torch.ops.aten._unsafe_index_put(
        x, [None, None, INDEX[0, :3]], x[..., :3]
    ),
    index_put_impl=lambda x: torch.ops.aten._index_put_impl(
        x, [None, None, INDEX[0, :3]], x[..., :3]
    ),
    scatter_add=lambda x: x.scatter_add(-1, INDEX[:, None], x.flip(-1)),
    index_add=lambda x: x.index_add(-1, INDEX[0], x[..., 5:9]),
    index_fill=lambda x: x.index_fill(-1, INDEX[0], 1.0),
)
plain(
    exact=False,
    scatter=lambda x: x.scatter(-1, INDEX[:, None], x.flip(-1)),
    scatter_of_a_number=lambda x: x.scatter(-1, INDEX[:, None], 1.0),
    scatter_reduce=lambda x: x.scatter_reduce(-1, INDEX[:, None], x.flip(-1), "amax"),
    scatter_at_codes=lambda x: x.scatter(-1, code(x)[..., :3], x.flip(-1)),
    index_copy=lambda x: x.index_copy(-1, INDEX[0], x[..., 5:9]),
    index_copy_at_codes=lambda x: x.index_copy(-1, code(x)[0, 0, :4], x[..., 5:9]),
    index_fill_at_codes=lambda x: x.index_fill(-1, code(x)[0, 0, :4], 1.0),
    index_select_by_codes=lambda x: x.index_select(-1, code(x)[0, 0]),
    gather_by_codes=lambda x: x.gather(-1, code(x)),
    gather_from_a_table=lambda x: TABLE.T[None].expand(2, -1, -1).gather(-1, code(x)[:, :3]),
    index_by_codes=lambda x: x[:, :, code(x)[0, 0]],
    index_of_two_axes_by_codes=lambda x: x[code(x)[0, 0] % 2, :, code(x)[0, 1]],
    index_put_at_codes=lambda x: x.index_put((code(x)[0, 0] % 2,), x[0, 0, 0]),
    index_put_by_mask=lambda x: x.index_put((x > 0,), torch.tensor(0.0).double()),
    index_of_a_table=lambda x: TABLE[code(x)],
    embedding=lambda x: functional.embedding(code(x), TABLE),
    embedding_in_a_table_of_the_input=lambda x: functional.embedding(code(x), x[0].T),
)


def with_values(x: Tensor) -> Any:
    """Operators whose results take their shape from values; here always the same."""
    ones = (x[0, 0] > -torch.inf) & (x.isfinite())[0, 0]
    return x[0, 0].masked_select(ones), ones.nonzero(), x[0, 0][ones]


NEEDS_VALUES: dict[str, Function] = {
    "with_values": with_values,
    "unique": lambda x: torch.unique(x),
    "unique_by_step": lambda x: torch.unique(x, dim=-1),
    "unique_consecutive": lambda x: torch.unique_consecutive(x[0, 0]),
    "bincount": lambda x: torch.bincount(code(x)[0, 0], minlength=7),
}
"""Cases that can only be run on values."""


def inference(function: Function) -> Function:
    """Return ``function`` in inference mode, in which torch dispatches composite operators."""

    def run(x: Tensor) -> Any:
        with torch.inference_mode():
            return function(x)

    return run


plain(
    inference_linear=inference(lambda x: functional.linear(x, SPARSE)),
    inference_matmul=inference(lambda x: x @ SPARSE),
    inference_attention=inference(attention(MASK)),
    inference_softmax=inference(lambda x: (1e-6 * x).softmax(1)),
    inference_convolution=inference(nn.Conv1d(CHANNELS, 2, 3).double()),
)
