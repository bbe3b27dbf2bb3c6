"""What the engine in C refuses."""

import pytest

from lrac_audit.errors import InputError
from reference_models.export.c.engine import CEngine
from reference_models.nn.absorb import absorb
from tests.reference_models.nn.filling import filled_codec
from tests.reference_models.nn.quantizer_designs import design_of


def test_a_machine_without_a_compiler_is_named(monkeypatch):
    monkeypatch.setenv("CC", "no-such-compiler")
    with pytest.raises(InputError, match="C compiler: given no no-such-compiler on"):
        CEngine()


def test_a_compiler_that_fails_is_named(monkeypatch):
    monkeypatch.setenv("CC", "false")
    half = absorb(filled_codec(design_of("{codebook_size: 8, layers: 2}"), seed=1)).transmit
    with pytest.raises(InputError, match="false: C compiler: given exit code 1"):
        CEngine().transmit(half, 1)


@pytest.mark.usefixtures("c_compiler")
def test_more_threads_than_it_has_are_refused():
    codec = filled_codec(design_of("{lookup_free: {bits: 6, layers: 2}}"), seed=1)
    with pytest.raises(InputError, match="threads: given 2; allowed: 1"):
        CEngine().receive(codec, 2)


@pytest.mark.usefixtures("c_compiler")
def test_indices_of_too_many_bits_are_refused():
    codec = filled_codec(design_of("{lookup_free: {bits: 40, layers: 2}}"), seed=1)
    with pytest.raises(InputError, match="an index of 40 bits; allowed: at most 32 bits"):
        CEngine().receive(codec, 1)
