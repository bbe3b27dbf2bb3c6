"""How the quantizer learns, on examples worked out by hand."""

import pytest
import torch
from torch import nn

from reference_models.nn import codebook as module
from reference_models.nn.codebook import Codebook, TrainedCodebook, kmeans, sample
from reference_models.nn.quantizers.rvq import TrainedLayer, TrainedQuantizer


def trained_codebook(codewords, counts):
    codebook = TrainedCodebook(len(codewords), len(codewords[0]))
    codebook.embed.copy_(torch.tensor(codewords))
    codebook.cluster_size.copy_(torch.tensor(counts))
    codebook.embed_avg.copy_(codebook.embed * codebook.cluster_size[:, None])
    codebook.inited.fill_(1)
    return codebook


def test_the_nearest_codeword_is_found_and_of_equals_the_first():
    codebook = Codebook(4, 2)
    codebook.embed.copy_(torch.tensor([[0.0, 0.0], [2.0, 0.0], [2.0, 0.0], [0.0, 2.0]]))
    x = torch.tensor([[0.9, 0.1], [1.5, 0.0], [1.0, 0.0], [0.1, 5.0]])
    assert codebook(x).tolist() == [0, 1, 0, 3]


def test_the_search_notices_that_its_codebook_has_changed():
    codebook = Codebook(2, 1)
    codebook.embed.copy_(torch.tensor([[0.0], [1.0]]))
    x = torch.tensor([[0.9]])
    assert codebook(x).tolist() == [1]
    codebook.embed.copy_(torch.tensor([[0.8], [5.0]]))
    assert codebook(x).tolist() == [0]
    codebook.embed = torch.tensor([[9.0], [1.0]])
    assert codebook(x).tolist() == [1]


def test_long_clips_are_searched_in_pieces(monkeypatch):
    monkeypatch.setattr(module, "SEARCH_ROWS", 3)
    codebook = Codebook(8, 2)
    codebook.embed.normal_()
    x = torch.randn(10, 2)
    expected = ((x[:, None] - codebook.embed) ** 2).sum(2).argmin(1)
    assert torch.equal(codebook(x), expected)


def test_an_update_moves_counts_sums_and_codewords_by_a_hundredth():
    """Codeword 0 (count 10, at 1) gets the vectors 2 and 4; codeword 1 (count 30, at -1) none.

    N = 9.9 + 0.02 = 9.92 and 29.7; M = 9.9 + 0.06 = 9.96 and -29.7.
    """
    codebook = trained_codebook([[1.0], [-1.0]], [10.0, 30.0])
    codebook.update(torch.tensor([[2.0], [4.0]]), torch.tensor([0, 0]))
    assert torch.allclose(codebook.cluster_size, torch.tensor([9.92, 29.7]))
    assert torch.allclose(codebook.embed_avg, torch.tensor([[9.96], [-29.7]]))
    total = 39.62
    smoothed = [(n + 1e-5) / (total + 2e-5) * total for n in (9.92, 29.7)]
    expected = torch.tensor([[9.96 / smoothed[0]], [-29.7 / smoothed[1]]])
    assert torch.allclose(codebook.embed, expected, atol=1e-6)


def test_a_codeword_that_fades_below_two_is_replaced_by_a_vector_of_the_batch():
    """Counts 2.01 and 50 without assignments to the first: 1.9899 is dead."""
    codebook = trained_codebook([[5.0, 5.0], [0.0, 0.0]], [2.01, 50.0])
    x = torch.tensor([[0.5, -0.5]])
    codebook.update(x, torch.tensor([1]))
    assert torch.equal(codebook.embed[0], x[0])
    assert codebook.cluster_size[0] == 2
    assert torch.equal(codebook.embed_avg[0], 2 * x[0])
    assert codebook.cluster_size[1] == pytest.approx(49.51)


def test_small_batches_may_call_a_codeword_dead_later():
    """Of counts 0.6 and 0.4 that nobody adds to, 0.594 lifetimes and 0.396 is dead below 0.5."""
    codebook = trained_codebook([[5.0], [7.0], [0.0]], [0.6, 0.4, 50.0])
    codebook.dead_below = 0.5
    codebook.update(torch.tensor([[0.1]]), torch.tensor([2]))
    assert codebook.embed[0].item() == pytest.approx(5.0, abs=1e-3)
    assert codebook.embed[1].item() == pytest.approx(0.1)
    assert codebook.cluster_size[1].item() == 0.5
    assert codebook.embed_avg[1].item() == pytest.approx(0.05)


def test_a_codeword_that_stays_at_two_lives():
    codebook = trained_codebook([[5.0], [0.0]], [2.03, 50.0])
    codebook.update(torch.tensor([[0.1]]), torch.tensor([1]))
    assert codebook.embed[0].item() == pytest.approx(5.0, abs=1e-4)


def test_samples_repeat_only_when_there_are_too_few():
    x = torch.arange(10.0)[:, None]
    assert sorted(sample(x, 10)[:, 0].tolist()) == list(range(10))
    assert sample(x, 30).shape == (30, 1)


def test_k_means_finds_two_clusters():
    """Whatever it starts from: the means of {-1.2, -1, -0.8} and of {4, 6}."""
    x = torch.tensor([[-1.2], [-1.0], [-0.8], [4.0], [6.0]])
    torch.manual_seed(0)
    means, counts = kmeans(x, 2, 50)
    order = means[:, 0].argsort()
    assert torch.allclose(means[order, 0], torch.tensor([-1.0, 5.0]))
    assert counts[order].tolist() == [3, 2]


def test_k_means_keeps_the_mean_of_an_empty_cluster():
    """Two equal vectors for two means: the first of equals takes both."""
    means, counts = kmeans(torch.tensor([[3.0], [3.0]]), 2, 50)
    assert means[:, 0].tolist() == [3.0, 3.0]
    assert counts.tolist() == [2, 0]


@pytest.mark.parametrize("training", [True, False])
def test_the_first_forward_starts_the_codebook_in_either_mode(training):
    layer = TrainedLayer(None, 2, 1, None).train(training)
    x = torch.tensor([[-1.0], [-1.0], [-1.0], [5.0], [5.0], [5.0]])
    torch.manual_seed(1)
    layer(x)
    assert layer.search.inited.item() == 1
    assert sorted(round(v, 3) for v in layer.search.embed[:, 0].tolist()) == [-1.0, 5.0]


def toy_layer():
    """Projects 2 to 1 by x1 + 2 x2 + 0.5, back by (3, -1) + (0.1, 0.2); codewords 0 and 10."""
    layer = TrainedLayer(nn.Linear(2, 1), 2, 1, nn.Linear(1, 2))
    layer.search = trained_codebook([[0.0], [10.0]], [100.0, 100.0])
    with torch.no_grad():
        layer.project_in.weight.copy_(torch.tensor([[1.0, 2.0]]))
        layer.project_in.bias.fill_(0.5)
        layer.project_out.weight.copy_(torch.tensor([[3.0], [-1.0]]))
        layer.project_out.bias.copy_(torch.tensor([0.1, 0.2]))
    return layer


def test_a_layer_gives_the_codeword_s_value_and_the_gradient_of_the_way_through():
    layer = toy_layer().train()
    residual = torch.tensor([[4.0, 2.0]], requires_grad=True)  # projected: 8.5, nearest 10
    learning = layer(residual)
    assert learning.codes.tolist() == [1]
    assert torch.allclose(learning.values, torch.tensor([[30.1, -9.8]]))
    upstream = torch.tensor([[1.0, 2.0]])
    (gradient,) = torch.autograd.grad(learning.values, residual, upstream, retain_graph=True)
    # (W_out W_in)^T g: W_out^T g = 3 - 2 = 1, times (1, 2)
    assert torch.allclose(gradient, torch.tensor([[1.0, 2.0]]))


def test_commitment_is_the_mean_squared_distance_and_pulls_the_vector_only():
    layer = toy_layer().train()
    residual = torch.tensor([[4.0, 2.0], [0.5, 0.5]], requires_grad=True)  # projected: 8.5, 2
    learning = layer(residual)
    assert learning.commitment.item() == pytest.approx((1.5**2 + 2**2) / 2)
    (gradient,) = torch.autograd.grad(learning.commitment, residual)
    # 2 (x - q) / 2 W_in: -1.5 (1, 2) and 2 (1, 2)
    assert torch.allclose(gradient, torch.tensor([[-1.5, -3.0], [2.0, 4.0]]))


def test_the_value_is_that_of_the_codebook_before_its_update():
    layer = toy_layer().train()
    learning = layer(torch.tensor([[4.0, 2.0]]))
    assert layer.search.embed[1].item() != 10.0
    assert torch.allclose(learning.values, torch.tensor([[30.1, -9.8]]))


def test_in_evaluation_nothing_is_learned_and_nothing_committed():
    layer = toy_layer().eval()
    before = layer.search.embed.clone()
    learning = layer(torch.tensor([[4.0, 2.0]]))
    assert learning.commitment.item() == 0
    assert torch.equal(layer.search.embed, before)


def one_dimensional(*codebooks):
    layers = [TrainedLayer(None, len(words), 1, None) for words in codebooks]
    for layer, words in zip(layers, codebooks, strict=True):
        layer.search = trained_codebook([[w] for w in words], [100.0] * len(words))
    return TrainedQuantizer(layers)


def test_each_layer_codes_what_the_layers_before_it_left_over():
    """13.2 = 10 + 3 + 0.2; the third layer has 0.25 to offer."""
    quantizer = one_dimensional([0.0, 10.0], [-3.0, 3.0], [0.0, 0.25]).train()
    result = quantizer(torch.tensor([[[13.2, -2.0]]]), 3)
    assert result.codes[:, 0].tolist() == [[1, 0], [1, 0], [1, 1]]
    assert torch.allclose(result.latent, torch.tensor([[[13.25, -2.75]]]))
    # squared distances: 3.2, -2; 0.2, 1; -0.05, 0.75
    means = [(3.2**2 + 2**2) / 2, (0.2**2 + 1) / 2, (0.05**2 + 0.75**2) / 2]
    assert result.commitment.item() == pytest.approx(sum(means) / 3, rel=1e-5)


def test_layers_that_are_off_do_not_learn():
    quantizer = one_dimensional([0.0, 10.0], [-3.0, 3.0]).train()
    before = quantizer.layers[1].search.cluster_size.clone()
    result = quantizer(torch.tensor([[[13.0]]]), 1)
    assert result.codes.shape == (1, 1, 1)
    assert result.commitment.item() == pytest.approx(9.0)
    assert torch.equal(quantizer.layers[1].search.cluster_size, before)


def test_what_a_layer_subtracts_carries_no_gradient():
    """The encoder sees the sum over the layers of (W_out W_in)^T g: here twice the gradient."""
    quantizer = one_dimensional([0.0, 10.0], [-3.0, 3.0]).train()
    latent = torch.tensor([[[13.0]]], requires_grad=True)
    (gradient,) = torch.autograd.grad(quantizer(latent, 2).latent.sum(), latent)
    assert gradient.item() == pytest.approx(2.0)


def test_encoding_and_decoding_agree_with_the_forward_of_evaluation():
    quantizer = one_dimensional([0.0, 10.0], [-3.0, 3.0], [0.0, 0.25]).eval()
    latent = torch.randn(2, 1, 7) * 10
    result = quantizer(latent, 3)
    codes = quantizer.encode(latent, 3)
    assert torch.equal(codes, result.codes)
    assert torch.allclose(quantizer.decode(codes), result.latent)
    assert torch.equal(quantizer.encode(latent, 2), codes[:2])
