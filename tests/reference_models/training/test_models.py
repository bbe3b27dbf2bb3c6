"""What a configuration makes of the models."""

from dataclasses import replace

import pytest
import torch

from reference_models.nn.quantizers.rvq import trained_layers
from reference_models.training.configuration_parts import Codebooks
from reference_models.training.models import build_models
from tests.reference_models.training.conftest import ALONE


@pytest.mark.parametrize(("dead_below", "replaced"), [(0.5, 8), (0.01, 0)])
def test_codewords_die_as_configured(configuration, dead_below, replaced):
    """Of 8 codewords with a count of 0.3 each, one vector raises one by 0.01: all are below 0.5,
    none below 0.01."""
    configuration = replace(configuration, codebooks=Codebooks(dead_below=dead_below))
    codec = build_models(configuration, ALONE).codec
    layers = trained_layers(codec.quantizer)
    assert len(layers) == 2
    for layer in layers:
        layer.search.cluster_size.fill_(0.3)
        layer.search.update(torch.ones(1, 4), torch.tensor([0]))
        assert layer.search.replaced == replaced


def test_a_layer_that_cannot_learn_is_refused(models):
    quantizer = models.codec.quantizer
    quantizer.layers[1] = torch.nn.Identity()
    with pytest.raises(TypeError, match="given Identity; allowed: TrainedLayer"):
        trained_layers(quantizer)
