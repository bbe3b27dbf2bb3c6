"""The traced run itself: what it records, what it names, and how it leaves the model."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
import torch
from torch import nn
from torch.nn import functional

from lrac_audit.witness.dependency import NO_DEPENDENCE, NeedsValues, ancestors, trace_dependency
from tests.lrac_audit.witness.dependency.perturbation import noise
from tests.lrac_audit.witness.own_operators import own_operator

STEPS = 12


def trace(function, root=None, channels=2, steps=STEPS, real_values=False):
    x = noise((1, channels, steps), 0).float()
    return trace_dependency(
        root or nn.Identity(), [("codec", function)], x, real_values=real_values
    )


def ahead(function, **options) -> list[int]:
    """Return by how many steps each output step looks ahead."""
    latest = trace(function, **options).latest
    return (latest - torch.arange(len(latest))).tolist()


def test_a_strided_pair_of_convolutions_by_hand():
    """Kernel 7, stride 2, padding 3: latent j ends at 2j + 3. Kernel 4, stride 2, padding 1: output
    t is made of latents (t - 2) / 2 to (t + 1) / 2, so the last is t // 2 + t % 2."""
    encoder, decoder = nn.Conv1d(1, 4, 7, 2, 3), nn.ConvTranspose1d(4, 1, 4, 2, 1)
    net = nn.Sequential(encoder, nn.LeakyReLU(), decoder)
    found = trace(net, net, channels=1, steps=40)
    expected = [min(2 * min(t // 2 + t % 2, 19) + 3, 39) for t in range(40)]
    assert found.latest.tolist() == expected
    first = [max(2 * max(-(-(t - 2) // 2), 0) - 3, 0) for t in range(40)]
    assert found.earliest.tolist() == first
    assert [(o.operator, o.module_path) for o in found.operations] == [
        ("input", ""),
        ("convolution", "0"),
        ("leaky_relu", "1"),
        ("convolution", "2"),
        ("result", ""),
    ]


def test_stages_run_one_after_the_other_and_keep_their_results():
    encoder, decoder = nn.Conv1d(2, 3, 4, 4), nn.ConvTranspose1d(3, 1, 4, 4)
    stages = [
        ("encoder", encoder),
        ("quantizer", lambda latent: (latent.sign(), latent.abs())),
        ("decoder", lambda codes: decoder(codes[0] * codes[1])),
    ]
    found = trace_dependency(
        nn.ModuleList([encoder, decoder]), stages, noise((1, 2, 12), 0).float()
    )
    assert [len(results) for results in found.stage_results] == [1, 2, 1]
    assert found.stage_results[1][1].latest_by_step().tolist() == [3, 7, 11]
    assert found.stage_results[1][1].earliest_by_step().tolist() == [0, 4, 8]
    assert found.latest.tolist() == [4 * (t // 4) + 3 for t in range(12)]
    assert {o.stage for o in found.operations} == {"", "encoder", "quantizer", "decoder"}
    assert found.output in ancestors(found.stage_results[-1])


def test_arrays_have_no_stride_where_they_do_not_vary():
    found = trace(lambda x: x.repeat(1, 1, 1) + 1)
    assert found.operations
    for operation in found.operations:
        assert operation.latest.shape == (1, 2, STEPS) and operation.latest.stride()[1] == 0


def test_an_output_without_dependence():
    found = trace(lambda x: torch.zeros_like(x))
    assert found.latest.tolist() == [NO_DEPENDENCE] * STEPS
    assert found.earliest.tolist() == [-NO_DEPENDENCE] * STEPS


@pytest.mark.parametrize(
    "write",
    [
        lambda y, x: y[..., 3:6].copy_(x[..., 6:9]),
        lambda y, x: y.transpose(1, 2)[:, 3:6].copy_(x[..., 6:9].mT),
        lambda y, x: y.view(-1).view(2, STEPS)[:, 3:6].copy_(x[0, :, 6:9]),
        lambda y, x: torch.as_strided(y, (2, 3), (STEPS, 1), 3).copy_(x[0, :, 6:9]),
        lambda y, x: y.narrow(-1, 3, 3).zero_().add_(x[..., 6:9]),
        lambda y, x: torch.add(x[..., 6:9], 0, out=y[..., 3:6]),
        lambda y, x: y.unfold(-1, 3, 3)[..., 1, :].copy_(x[..., 6:9]),
        lambda y, x: y.index_copy_(-1, torch.tensor([3, 4, 5]), x[..., 6:9]),
        lambda y, x: y.squeeze_(0)[:, 3:6].copy_(x[0, :, 6:9]),
        lambda y, x: y.__setitem__((..., slice(3, 6)), x[..., 6:9]),
    ],
)
@pytest.mark.parametrize(
    "made", [lambda x: x.clone(), lambda x: torch.zeros(x.shape) + x, lambda x: torch.stack([x])[0]]
)
def test_a_write_through_a_view_is_read_through_all_views(made, write):
    def run(x):
        y = made(x)
        before = y.reshape(1, 2, STEPS)
        write(y, x)
        return before * 1.0

    assert ahead(run) == [0, 0, 0, 3, 3, 3, *[0] * 6]


def test_a_write_into_a_constant_makes_it_dependent():
    def run(x):
        buffer = torch.zeros(1, 2, STEPS + 2)
        view = buffer[..., 1:]
        buffer[..., 2:] = x
        buffer[..., 5] = 0
        return view[..., :STEPS]

    found = trace(run).latest.tolist()
    assert found == [NO_DEPENDENCE, 0, 1, 2, NO_DEPENDENCE, 4, 5, 6, 7, 8, 9, 10]


def test_a_constant_that_was_written_to_may_change_its_shape():
    def run(x):
        buffer = torch.zeros(2, STEPS)
        buffer[:, 1:] = x[0, :, :-1]
        return buffer.unsqueeze_(0)

    assert ahead(run)[1:] == [-1] * (STEPS - 1)


def test_writers_are_sources_of_what_is_read_later():
    def run(x):
        y = x.clone()
        y[..., :3] = torch.randn(1, 2, 3)
        return y + 1

    assert trace(run).random_modules == {""}


def test_storages_of_constants_that_are_released_leave_nothing_behind():
    """An address that is used again must not make a fresh constant dependent."""

    def run(x):
        for _ in range(50):
            torch.zeros(1, 2, STEPS).copy_(x)
        fresh = [torch.zeros(1, 2, STEPS) for _ in range(50)]
        return torch.stack(fresh).sum(0)

    assert trace(run).latest.tolist() == [NO_DEPENDENCE] * STEPS


def test_random_numbers_matter_where_they_reach_the_output():
    def unused(x):
        return (torch.randn_like(x), x * 2)[1]

    assert trace(unused).random_modules == frozenset()
    assert trace(lambda x: x + torch.rand(STEPS)).random_modules == {""}
    assert trace(lambda x: functional.dropout(x, 0.5, training=True)).random_modules == {""}
    assert trace(lambda x: functional.dropout(x, 0.5, training=False)).random_modules == frozenset()
    net = nn.Sequential(nn.Identity(), nn.Dropout(0.5))
    assert trace(net, net).random_modules == {"1"}


@pytest.mark.parametrize(
    "function",
    [
        lambda x: x if x.mean().item() > 0 else -x,
        lambda x: x if (x > 0).any() else -x,
        lambda x: x if torch.equal(x, -x) else -x,
        lambda x: x if torch.allclose(x, -x) else -x,
        lambda x: x if x.tolist() else -x,
        lambda x: x if x.numpy().any() else -x,
        lambda x: x[..., torch.ones(STEPS, dtype=torch.bool) & (x[0, 0] > -99)],
    ],
)
def test_control_flow_by_values_needs_values_and_is_named(function):
    with pytest.raises(NeedsValues):
        trace(function)
    found = trace(function, real_values=True)
    assert found.branches == {""} and found.real_values


def test_needing_values_names_the_operator_and_the_module():
    class Reads(nn.Module):
        def forward(self, x):
            return x * x.max().item()

    net = nn.Sequential(Reads())
    with pytest.raises(NeedsValues, match=r"aten._local_scalar_dense.default in 0 reads values"):
        trace(net, net)


later = own_operator("lrac_test::later", lambda x: x.roll(1, -1))


def test_an_operator_without_a_rule_joins_everything_and_is_named():
    net = nn.Sequential(nn.Identity())
    net[0].forward = lambda x: later(x)
    found = trace(net, net)
    assert found.unknown_operators == {"lrac_test::later": {"0"}}
    assert found.latest.tolist() == [STEPS - 1] * STEPS
    assert found.earliest.tolist() == [0] * STEPS


@pytest.mark.filterwarnings("ignore:flex_attention called without")
def test_operators_that_take_functions():
    """Either branch of ``cond`` may run; a mask of ``flex_attention`` hides what it hides."""
    from torch.utils.checkpoint import checkpoint

    flex = pytest.importorskip("torch.nn.attention.flex_attention")

    def earlier(x):
        return functional.pad(x, (1, -1))

    def later_by_two(x):
        return functional.pad(x, (-2, 2))

    def branches(x):
        return torch.cond(x.shape[-1] > 0, earlier, later_by_two, (x,))

    def branches_by_value(x):
        return torch.cond(x[0, 0, 0] > 0, earlier, later_by_two, (x,))

    def attends(x):
        q = x.mT.unsqueeze(1)
        sizes = None, None, STEPS, STEPS
        blocks = flex.create_block_mask(lambda b, h, q, k: q + 1 >= k, *sizes, "cpu")
        return flex.flex_attention(q, q, q, block_mask=blocks)[:, 0].mT

    assert ahead(branches)[5] == -1
    assert ahead(branches_by_value) == [*[2] * (STEPS - 2), -1, -1]
    assert ahead(attends, channels=4) == [*[1] * (STEPS - 1), 0]
    assert ahead(lambda x: checkpoint(later_by_two, x, use_reentrant=False))[:10] == [2] * 10


@pytest.mark.filterwarnings(
    "ignore:.*torch.jit:FutureWarning", "ignore:.*torch.jit:DeprecationWarning"
)
def test_scripted_traced_and_compiled_modules_are_followed():
    net = nn.Sequential(nn.Conv1d(2, 2, 3, padding=1), nn.ReLU())
    expected = [*[1] * (STEPS - 1), 0]
    example = torch.zeros(1, 2, STEPS)
    for module in (torch.jit.script(net), torch.jit.trace(net, example), torch.compile(net)):
        assert ahead(module, root=module) == expected


def test_work_in_another_thread_is_followed():
    def run(x):
        with ThreadPoolExecutor(1) as pool:
            return pool.submit(lambda: functional.pad(x, (-1, 1)) + 1).result()

    assert ahead(run)[:-1] == [1] * (STEPS - 1)


def test_a_run_leaves_the_model_as_it_was():
    class Caching(nn.Module):
        def __init__(self):
            super().__init__()
            self.register_buffer("before", torch.zeros(1, 2, 3))
            self.last = None

        def forward(self, x):
            joint = torch.cat([self.before, x], -1)
            self.before.copy_(joint[..., -3:])
            self.last = joint
            return joint[..., : x.shape[-1]]

    for real_values in (False, True):
        net = Caching()
        assert ahead(net, root=net, real_values=real_values)[3:] == [-3] * (STEPS - 3)
        assert net.last is None and net.before.eq(0).all()
        assert type(net.forward).__name__ == "method"


def test_what_it_cannot_take_is_an_error_that_says_so():
    with pytest.raises(ValueError, match="codec returned a list, not a tensor"):
        trace(lambda x: [x])
    too_long = torch.empty(1, 1, 1, device="meta").expand(1, 1, (1 << 24) + 1)
    with pytest.raises(ValueError, match="a clip of 16777217 steps; at most 16777216"):
        trace_dependency(nn.Identity(), [("codec", nn.Identity())], too_long)


def test_a_mask_of_minus_infinity_hides_only_behind_a_softmax():
    """Added and taken away again, it hides nothing."""
    mask = torch.zeros(STEPS, STEPS).masked_fill(torch.ones(STEPS, STEPS).triu(1) > 0, -1e9)

    def attends(x):
        return ((x.mT @ x + mask).softmax(-1) @ x.mT).mT

    def adds(x):
        return ((x.mT @ x + mask).sum(-1, keepdim=True) @ torch.ones(1, 2)).mT

    assert ahead(attends) == [0] * STEPS
    assert ahead(adds) == [STEPS - 1 - t for t in range(STEPS)]


def test_frames_of_zeros_and_signal_are_folded():
    """Windows of 6 samples, 3 apart, the first half of zeros, are added where they overlap."""

    def run(x):
        frames = functional.pad(x, (3, 0)).unfold(2, 6, 3) * torch.arange(6.0)
        columns = frames.transpose(2, 3).flatten(1, 2)
        return functional.fold(columns, (1, 15), (1, 6), stride=(1, 3))[:, :, 0, 3:]

    found = trace(run, channels=1)
    assert found.latest.tolist() == found.earliest.tolist() == list(range(STEPS))


def test_weights_that_are_zero_throughout_count_as_weights():
    """They wait to be trained or loaded; single zeros are what the layer is."""
    net = nn.Sequential(nn.Conv1d(2, 2, 3, padding=1), nn.Conv1d(2, 2, 1))
    nn.init.zeros_(net[0].weight)
    assert ahead(net, root=net) == [*[1] * (STEPS - 1), 0]
    net[0].weight.data[..., 0] = 1.0
    assert ahead(net, root=net)[1:] == [-1] * (STEPS - 1)
    linear, gate = nn.Linear(STEPS, STEPS), nn.Parameter(torch.zeros(1))
    nn.init.zeros_(linear.weight)
    assert trace(linear, linear).latest.tolist() == [STEPS - 1] * STEPS
    assert ahead(lambda x: x.flip(-1) * gate)[0] == STEPS - 1
    assert trace(lambda x: (x * 0.0) @ torch.ones(STEPS, 1)).latest.tolist() == [NO_DEPENDENCE]
