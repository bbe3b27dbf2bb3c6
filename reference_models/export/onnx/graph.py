"""Graphs: from the program of a side to its models in ONNX.

A side has two graphs of one frame, with the same states: one for frames in the midst of a clip,
which are nearly all, and one for those at its edges (:mod:`reference_models.export.onnx.edges`).
"""

from __future__ import annotations

from collections.abc import Mapping

from onnx import GraphProto, ModelProto, TensorProto, ValueInfoProto, checker, helper

from lrac_audit import __version__
from reference_models.export.onnx import nodes  # noqa: F401 - enters the kinds of operations
from reference_models.export.onnx.body import Body
from reference_models.export.onnx.edges import FRAME, REMAINING
from reference_models.export.onnx.interface import AUDIO, CODES, NEXT, STATE, enter, leave
from reference_models.export.program import Program
from reference_models.export.quantization import Means

OPSET, IR_VERSION = 23, 11
"""Versions of the operators and of the file format: those of onnx 1.18, of 2025."""


def model_of(
    program: Program,
    metadata: Mapping[str, str],
    at_edges: bool = False,
    means: Means | None = None,
) -> ModelProto:
    """Return the graph of ``program`` for frames in the midst of a clip or at its edges, checked.

    With ``means`` of its values over time, weights are stored in 8 bits.

    Raises:
        InputError: an operation is of a kind that has no form in ONNX.
    """
    model = checked(graph_of(filled(Body(program, at_edges, means))))
    helper.set_model_props(model, dict(metadata))
    return model


def checked(graph: GraphProto) -> ModelProto:
    """Return the model of ``graph``, which the checker of ONNX accepts."""
    model = helper.make_model(
        graph,
        opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=IR_VERSION,
        producer_name="lrac-audit",
        producer_version=__version__,
    )
    checker.check_model(model, full_check=True)
    return model


def filled(body: Body) -> Body:
    """Write all operations of a program into ``body``, and return it."""
    enter(body)
    for operation in body.program.operations:
        body.run(operation)
    return body


def graph_of(body: Body) -> GraphProto:
    """Return the graph of a body that is filled."""
    program, outputs = body.program, _outputs(body)
    written = [leave(body), *(body.next_states[state] for state in program.states)]
    _rename(body, dict(zip(written, (each.name for each in outputs), strict=True)))
    masks = body.edges.nodes if body.edges else []
    return helper.make_graph(
        [*body.constants.nodes, *masks, *body.nodes],
        f"{program.design.name} {program.side}",
        _inputs(body),
        outputs,
        body.constants.tensors(),
    )


def _rename(body: Body, names: Mapping[str, str]) -> None:
    """Give what nodes write the names of the graph's outputs."""
    for node in body.nodes:
        for names_of_node in (node.input, node.output):
            names_of_node[:] = [names.get(name, name) for name in names_of_node]


def _inputs(body: Body) -> list[ValueInfoProto]:
    numbers = [FRAME] * body.reads_frame + [REMAINING] * (body.edges is not None)
    return [
        _audio(body) if body.program.side == "transmit" else _codes(body),
        *(helper.make_tensor_value_info(name, TensorProto.INT64, []) for name in numbers),
        *_states(body, STATE),
    ]


def _outputs(body: Body) -> list[ValueInfoProto]:
    first = _codes(body) if body.program.side == "transmit" else _audio(body)
    return [first, *_states(body, NEXT)]


def _audio(body: Body) -> ValueInfoProto:
    design = body.program.design
    shape = 1, design.audio_channels, design.hop_samples
    return helper.make_tensor_value_info(AUDIO, TensorProto.FLOAT, shape)


def _codes(body: Body) -> ValueInfoProto:
    program = body.program
    indices = program.outputs if program.side == "transmit" else program.inputs
    count = sum(program.values[name].rows for name in indices)
    return helper.make_tensor_value_info(CODES, TensorProto.INT64, (count, 1, 1))


def _states(body: Body, prefix: str) -> list[ValueInfoProto]:
    return [
        helper.make_tensor_value_info(f"{prefix}{name}", *body.states[name])
        for name in body.program.states
    ]
