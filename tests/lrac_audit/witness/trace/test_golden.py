"""Operations that counters get wrong, each against a count derived by hand.

Counts are per hop of one step (or as many as are said), so a clip of 240 steps costs 240 times as
much; every product is spelt out.
"""

import pytest
import torch
from torch import nn
from torch.nn import functional
from torch.nn.utils import parametrizations

from tests.lrac_audit.witness.trace.tracing import as_frames, macs, searched, traced
from tests.sweeps import slow_in_sweep

pytestmark = pytest.mark.filterwarnings(
    "ignore:.*weight_norm.*:FutureWarning",
    "ignore:.*weight_norm.*:UserWarning",  # which older torch gives
)


def plain(module):
    return module


def new_style(module):
    return parametrizations.weight_norm(module)


def old_style(module):
    return nn.utils.weight_norm(module)


def bypassed(module):
    return lambda x: module.forward(x)


class AsFunction(nn.Module):
    """A convolution whose weight is a buffer, through the functional interface."""

    def __init__(self, layer, function, **options):
        super().__init__()
        self.register_buffer("kernel", layer.weight.detach().clone())
        self.register_buffer("offset", layer.bias.detach().clone())
        self.function, self.options = function, options

    def forward(self, x):
        return self.function(x, self.kernel, self.offset, **self.options)


WRAPPED = pytest.mark.parametrize("wrapped", [plain, new_style, old_style])


@WRAPPED
@pytest.mark.parametrize("dilation", [1, 9])
def test_convolution(wrapped, dilation):
    layer = wrapped(nn.Conv1d(8, 16, 7, dilation=dilation))
    assert macs(traced(layer, channels=8).rows) == 8 * 16 * 7
    assert macs(traced(layer, bypassed(layer), channels=8).rows) == 8 * 16 * 7


def test_convolution_as_function_of_buffers():
    layer = AsFunction(nn.Conv1d(8, 16, 7), functional.conv1d)
    assert macs(traced(layer, channels=8).rows) == 8 * 16 * 7


def test_convolution_as_product_of_unfolded_input():
    layer = nn.Conv1d(8, 16, 7, bias=False)

    def as_product(x):
        taps = x.unfold(2, 7, 1).transpose(1, 2).flatten(2)  # [1, T, 8 * 7]
        return taps @ layer.weight.flatten(1).t()

    assert macs(traced(layer, as_product, channels=8).rows) == 8 * 16 * 7


@WRAPPED
def test_depthwise_convolution(wrapped):
    layer = wrapped(nn.Conv1d(16, 16, 7, groups=16))
    assert macs(traced(layer, channels=16).rows) == 16 * 7


def test_depthwise_convolution_as_function():
    layer = AsFunction(nn.Conv1d(16, 16, 7, groups=16), functional.conv1d, groups=16)
    assert macs(traced(layer, channels=16).rows) == 16 * 7


def test_depthwise_convolution_by_spreading():
    layer = nn.Conv1d(16, 16, 7, groups=16, bias=False)

    def by_spreading(x):
        return (x.unfold(2, 7, 1) * layer.weight[:, 0, None, :]).sum(3)

    assert macs(traced(layer, by_spreading, channels=16).rows) == 16 * 7


@WRAPPED
def test_strided_convolution(wrapped):
    # Four samples a hop make one output: 8 channels to 16, 7 taps.
    layer = wrapped(nn.Conv1d(8, 16, 7, stride=4))
    assert macs(traced(layer, channels=8, hop=4).rows) == 8 * 16 * 7


@WRAPPED
def test_transposed_convolution(wrapped):
    layer = wrapped(nn.ConvTranspose1d(16, 8, 8, stride=4))
    assert macs(traced(layer, channels=16).rows) == 16 * 8 * 8


def test_transposed_convolution_as_function():
    layer = AsFunction(nn.ConvTranspose1d(16, 8, 8), functional.conv_transpose1d, stride=4)
    assert macs(traced(layer, channels=16).rows) == 16 * 8 * 8


@WRAPPED
def test_depthwise_transposed_convolution(wrapped):
    layer = wrapped(nn.ConvTranspose1d(16, 16, 8, stride=4, groups=16))
    assert macs(traced(layer, channels=16).rows) == 16 * 8


@WRAPPED
def test_grouped_dilated_transposed_convolution(wrapped):
    # 4 groups: each of the 16 inputs meets 12 / 4 outputs, at 5 taps.
    layer = wrapped(nn.ConvTranspose1d(16, 12, 5, stride=2, groups=4, dilation=3))
    (row,) = traced(layer, channels=16).rows
    assert row.work == {"transposed_conv": 16 * (12 // 4) * 5, "bias": 2 * 12}
    assert row.geometry == (16, 12, 5, 2, 3, 4)


@WRAPPED
def test_two_dimensional_convolution(wrapped):
    # [1, 1, T] seen as a picture of T by 6: 6 columns stay, padded by 1 on both sides.
    layer = wrapped(nn.Conv2d(1, 4, (5, 3), padding=(0, 1)))

    def on_pictures(x):
        return layer(x.transpose(1, 2).unsqueeze(1))

    assert macs(traced(layer, on_pictures, channels=6).rows) == 6 * 1 * 4 * 5 * 3


@pytest.mark.parametrize("wrapped", [plain, new_style, old_style])
def test_linear(wrapped):
    layer = wrapped(nn.Linear(32, 64))
    (row,) = traced(layer, lambda x: layer(as_frames(x).contiguous()), channels=32).rows
    assert row.work == {"linear": 32 * 64, "bias": 64}
    assert row.geometry[:2] == (32, 64)


LINEAR_FORMS = {
    "module": lambda m, x: m(x),
    "function": lambda m, x: functional.linear(x, m.weight),
    "product": lambda m, x: x @ m.weight.t(),
    "einsum": lambda m, x: torch.einsum("btd,nd->btn", x, m.weight),
    "addmm": lambda m, x: torch.addmm(m.bias, x[0], m.weight.t()),
    "baddbmm": lambda m, x: torch.baddbmm(m.bias, x, m.weight.t()[None]),
    "spread": lambda m, x: (x[:, :, None] * m.weight).sum(3),
    "pointwise convolution": lambda m, x: functional.conv1d(x.mT, m.weight[:, :, None]),
    "vectors": lambda m, x: torch.stack([m.weight @ frame for frame in x[0]]),
    "dots": lambda m, x: torch.stack([row @ frame for frame in x[0] for row in m.weight]),
}


@pytest.mark.parametrize("form", LINEAR_FORMS)
@pytest.mark.parametrize(("width_in", "width_out"), slow_in_sweep([(8, 12), (31, 17)], (31, 17)))
def test_linear_in_all_its_forms(form, width_in, width_out):
    layer = nn.Linear(width_in, width_out)
    function = LINEAR_FORMS[form]
    rows = traced(layer, lambda x: function(layer, as_frames(x)), channels=width_in).rows
    assert macs(rows) == width_in * width_out


def test_lstm_of_two_layers():
    layer = nn.LSTM(32, 64, 2, batch_first=True)
    (row,) = traced(layer, lambda x: layer(as_frames(x))[0], channels=32).rows
    assert row.work["linear"] == 4 * 64 * (32 + 64 + 64 + 64)
    # Four gates of 64 in two layers: three are sigmoids, one is a tanh, as is the cell's output.
    assert row.work["sigmoid"] == 2 * 3 * 64
    assert row.work["tanh"] == 2 * 2 * 64
    assert row.op == "lstm"


def test_lstm_cells():
    first, second = nn.LSTMCell(32, 64), nn.LSTMCell(64, 64)
    cells = nn.ModuleList([first, second])

    def run(x):
        low = high = None
        for frame in x[0].t():
            low = first(frame[None], low)
            high = second(low[0], high)
        return high[0]

    rows = traced(cells, run, channels=32).rows
    assert [row.macs_per_frame for row in rows] == [4 * 64 * (32 + 64), 4 * 64 * (64 + 64)]
    assert [row.name for row in rows] == ["0", "1"]


def test_bidirectional_lstm():
    layer = nn.LSTM(32, 64, bidirectional=True)
    rows = traced(layer, lambda x: layer(x.permute(2, 0, 1))[0], channels=32).rows
    assert macs(rows) == 2 * 4 * 64 * (32 + 64)


def test_gru():
    layer = nn.GRU(32, 64)
    (row,) = traced(layer, lambda x: layer(x.permute(2, 0, 1))[0], channels=32).rows
    assert row.work["linear"] == 3 * 64 * (32 + 64)
    assert row.op == "gru"


def test_gru_cell_in_a_loop():
    cell = nn.GRUCell(32, 64)

    def run(x):
        state = x.new_zeros(1, 64)
        for frame in x[0].t():
            state = cell(frame[None], state)
        return state

    assert macs(traced(cell, run, channels=32).rows) == 3 * 64 * (32 + 64)


def test_gru_written_out():
    cell = nn.GRUCell(32, 64)

    def run(x):
        state = x.new_zeros(1, 64)
        for frame in x[0].t():
            gates = functional.linear(frame[None], cell.weight_ih)
            past = functional.linear(state, cell.weight_hh)
            reset, update, new = (gates + past).chunk(3, 1)
            state = torch.tanh(new * reset.sigmoid()) + update.sigmoid() * state
        return state

    assert macs(traced(cell, run, channels=32).rows) == 3 * 64 * (32 + 64)


def test_rnn():
    layer = nn.RNN(32, 64)
    rows = traced(layer, lambda x: layer(x.permute(2, 0, 1))[0], channels=32).rows
    assert macs(rows) == 64 * (32 + 64)


class Codebook(nn.Module):
    def __init__(self, form):
        super().__init__()
        self.register_buffer("embed", torch.randn(1024, 64))
        self.form = form

    def forward(self, latent):
        """[1, 64, F] to [F]."""
        return SEARCHES[self.form](latent[0].t(), self.embed)


SEARCHES = {
    "cdist": lambda x, e: torch.cdist(x, e).argmin(1),
    "cdist in 1-norm": lambda x, e: torch.cdist(x, e, p=1).argmin(1),
    "products": lambda x, e: (
        x.pow(2).sum(1, keepdim=True) - 2 * x @ e.t() + e.pow(2).sum(1)
    ).argmin(1),
    "largest of negatives": lambda x, e: (
        (-(x.pow(2).sum(1, keepdim=True) - 2 * x @ e.t() + e.pow(2).sum(1)[None])).max(1).indices
    ),
    "spread": lambda x, e: ((x[:, None] - e) ** 2).sum(2).argmin(1),
    "spread norm": lambda x, e: torch.linalg.vector_norm(x[:, None] - e, dim=2).argmin(1),
    "spread product": lambda x, e: (x[:, None] * e).sum(2).topk(1).indices[:, 0],
    "expanded": lambda x, e: (
        (x[:, None].expand(-1, 1024, -1) - e[None].expand(len(x), -1, -1)).square().mean(2)
    ).min(1)[1],
    "cosine": lambda x, e: (functional.normalize(x) @ functional.normalize(e).t()).argmax(1),
    "convolution": lambda x, e: functional.conv1d(x.t()[None], e[:, :, None]).argmax(1)[0],
    "in two parts": lambda x, e: torch.cat([torch.cdist(x, part) for part in e.chunk(2)], 1).argmin(
        1
    ),
    "copied": lambda x, e: torch.cdist(x, e).clone(memory_format=torch.contiguous_format).argmin(1),
    "addmm": lambda x, e: torch.addmm(e.square().sum(1) / 2, x, e.t(), alpha=-1).argmin(1),
}


@pytest.mark.parametrize("form", SEARCHES)
def test_codebook_search(form):
    codebook = Codebook(form)
    rows = searched(codebook, codebook, 64)
    heavy = [row for row in rows if row.macs_per_frame]
    assert [row.op for row in heavy] == ["search"]
    assert heavy[0].work["codebook_search"] == 1024 * 64
    assert heavy[0].work["search_compare"] == 1024
    assert heavy[0].stored_values == 1024 * 64


def test_projection_before_the_search_is_no_search():
    codebook, project = Codebook("products"), nn.Linear(48, 64)
    root = nn.ModuleDict({"codebook": codebook, "project": project})

    def quantise(latent):
        return codebook(project(latent.mT).mT)

    kinds = {row.name: row.work for row in searched(root, quantise, 48) if row.macs_per_frame}
    assert kinds["project"]["linear"] == 48 * 64
    assert kinds["codebook"]["codebook_search"] == 1024 * 64


def test_embedding():
    table = nn.Embedding(1024, 64)
    (row,) = traced(table, lambda x: table(x[0].long()), channels=1).rows
    assert row.op == "lookup"
    assert macs((row,)) == 0
    (row,) = traced(table, lambda x: table.weight.index_select(0, x[0, 0].long())).rows
    assert (row.op, macs((row,))) == ("lookup", 0)


def test_lookup_as_product_with_one_hot_vectors():
    table = nn.Embedding(1024, 64)

    def run(x):
        hot = torch.nn.functional.one_hot(x[0, 0].long(), 1024).float()
        return hot @ table.weight

    assert macs(traced(table, run).rows) == 1024 * 64


def butterflies_of(root, function, hop):
    rows = traced(root, function, hop=hop).rows
    assert macs(rows) == 0
    return sum(row.work.get("butterfly", 0) for row in rows)


FOURIER = {
    # A real transform of 512 values: 512 / 2 * 9 / 2 = 1152.
    "rfft": (lambda x: torch.fft.rfft(x.view(-1, 512)), 512, 1152),
    "complex": (lambda x: torch.fft.fft(x.view(-1, 512) + 0j), 512, 2 * 1152),
    "irfft": (lambda x: torch.fft.irfft(torch.complex(x, x).view(-1, 256), n=512), 256, 1152),
    # Four windows of 512 in each 512 samples.
    "stft": (
        lambda x: torch.stft(
            x[0], 512, 128, window=torch.hann_window(512), return_complex=True, center=False
        ),
        512,
        4 * 1152,
    ),
    "centred stft": (
        lambda x: torch.stft(x[0], 512, 128, window=torch.hann_window(512), return_complex=True),
        512,
        4 * 1152,
    ),
    # 400 / 4 * log2(400) = 864.385..., rounded up.
    "not a power of two": (lambda x: torch.fft.rfft(x.view(-1, 400)), 400, 865),
}


@pytest.mark.parametrize("name", FOURIER)
def test_fourier_transforms(name):
    function, hop, expected = FOURIER[name]
    assert butterflies_of(nn.Identity(), function, hop) == expected


def test_inverse_stft():
    window = torch.hann_window(512)

    def there_and_back(x):
        spectrum = torch.stft(x[0], 512, 128, window=window, return_complex=True)
        return torch.istft(spectrum, 512, 128, window=window)

    assert butterflies_of(nn.Identity(), there_and_back, 512) == 2 * 4 * 1152


def test_products_summed_over_a_batch():
    # [2, T, 4] and [2, 4, 8]: two products of 4 and 8, summed.
    root = nn.Linear(4, 8)

    def run(x):
        frames = as_frames(x).expand(2, -1, -1)
        return torch.addbmm(root.bias, frames, root.weight.t().expand(2, -1, -1))

    assert macs(traced(root, run, channels=4).rows) == 2 * 4 * 8
