"""Export a model for an audit, so that what is deployed is held to the ledger of its design."""

from __future__ import annotations

from importlib.util import find_spec

from lrac_audit.errors import InputError
from lrac_audit.ledger.agreement import Agreement
from lrac_audit.ledger.row import Ledger
from reference_models.export.codec import receive_program, transmit_program
from reference_models.export.program import Program
from reference_models.nn.codebook import trained_codebooks
from reference_models.nn.codec import Codec


def is_exported(ledger: Ledger, transmit: Codec) -> bool:
    """Return whether graphs have the form of ``ledger``, and the extra that checks them is there.

    Quantizers with output projections are exported in their absorbed form alone.
    """
    has_form = ledger.mode.rvq != "projected" or not trained_codebooks(transmit.quantizer)
    return has_form and find_spec("onnx") is not None


def compare_graphs(ledger: Ledger, transmit: Codec, receive: Codec, layers: int) -> Agreement:
    """Return the figures of ``ledger`` beside those of the exported graphs of both sides.

    They are the graphs for edges of a clip, whose first results show by how much they come late.
    Where no graphs can be written, a remark says why.
    """
    from lrac_audit.witness.onnx.design_comparison import compare_exported
    from reference_models.export.onnx.graph import model_of

    try:
        programs = transmit_program(transmit, layers), receive_program(receive, layers)
        models = [model_of(each, _metadata(each), at_edges=True) for each in programs]
        files = [each.SerializeToString() for each in models]
        return Agreement(tuple(compare_exported(ledger, files)))
    except InputError as error:
        return Agreement((), (f"no graphs were compared: {error}",))


def _metadata(program: Program) -> dict[str, str]:
    """Return what the comparison needs to know of a graph."""
    return {"lrac.side": program.side, "lrac.output_delay_steps": str(program.output.lag)}
