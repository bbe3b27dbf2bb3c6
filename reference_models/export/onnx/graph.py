"""Graphs: from the program of a side to its model in ONNX.

A graph computes one frame. It has two bodies behind an ``If``: for frames in the midst of a clip,
which are nearly all, and for those at its edges (:mod:`reference_models.export.onnx.edges`).
"""

from __future__ import annotations

from collections.abc import Mapping

from onnx import GraphProto, ModelProto, NodeProto, TensorProto, ValueInfoProto, checker, helper

from lrac_audit import __version__
from reference_models.export.onnx import nodes  # noqa: F401 - enters the kinds of operations
from reference_models.export.onnx.body import Body
from reference_models.export.onnx.constants import Constants
from reference_models.export.onnx.edges import FRAME, REMAINING, Edges
from reference_models.export.onnx.interface import AUDIO, CODES, NEXT, STATE, enter, leave
from reference_models.export.program import Program

OPSET, IR_VERSION = 23, 11
"""Versions of the operators and of the file format: those of onnx 1.18, of 2025."""
AT_EDGE = "at_edge"


def model_of(program: Program, metadata: Mapping[str, str]) -> ModelProto:
    """Return the graph of ``program``, checked.

    Raises:
        InputError: an operation is of a kind that has no form in ONNX.
    """
    constants = Constants()
    midst = Body(program, constants, None)
    edge = Body(program, constants, Edges(constants))
    branches = {"then_branch": _branch(edge, "edge"), "else_branch": _branch(midst, "midst")}
    outputs = _outputs(midst)
    names = [value.name for value in outputs]
    choice = helper.make_node("If", [AT_EDGE], names, "frame", **branches)
    graph = helper.make_graph(
        [*_edge_test(program, constants), *constants.nodes, choice],
        f"{program.design.name} {program.side}",
        _inputs(midst),
        outputs,
        constants.tensors(),
    )
    model = helper.make_model(
        graph,
        opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=IR_VERSION,
        producer_name="lrac-audit",
        producer_version=__version__,
    )
    helper.set_model_props(model, dict(metadata))
    checker.check_model(model, full_check=True)
    return model


def _branch(body: Body, name: str) -> GraphProto:
    """Return the graph of one frame that ``body`` writes."""
    enter(body)
    for operation in body.program.operations:
        body.run(operation)
    written = [leave(body), *(body.next_states[state] for state in body.program.states)]
    outputs = [
        helper.make_tensor_value_info(inner, each.type.tensor_type.elem_type, _shape(each))
        for inner, each in zip(written, _outputs(body), strict=True)
    ]
    masks = body.edges.nodes if body.edges else []
    return helper.make_graph([*masks, *body.nodes], name, [], outputs)


def _inputs(body: Body) -> list[ValueInfoProto]:
    return [
        _audio(body) if body.program.side == "transmit" else _codes(body),
        *(
            helper.make_tensor_value_info(name, TensorProto.INT64, [])
            for name in (FRAME, REMAINING)
        ),
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
        helper.make_tensor_value_info(f"{prefix}{name}", TensorProto.FLOAT, body.states[name])
        for name in body.program.states
    ]


def _shape(value: ValueInfoProto) -> list[int]:
    return [axis.dim_value for axis in value.type.tensor_type.shape.dim]


def _edge_test(program: Program, constants: Constants) -> list[NodeProto]:
    """Return the nodes that tell whether a frame is at the edges of its clip."""
    started = constants.whole(program.start_frames)
    first = program.values[program.inputs[0]]
    steps = constants.whole(first.rows if program.side == "transmit" else 1)
    return [
        helper.make_node("Less", [FRAME, started], ["starts"], "starts"),
        helper.make_node("Less", [REMAINING, steps], ["ends"], "ends"),
        helper.make_node("Or", ["starts", "ends"], [AT_EDGE], AT_EDGE),
    ]
