"""Inputs and outputs of a graph, between the names of a host and the values of a program."""

from __future__ import annotations

from reference_models.export.onnx.body import Body, Layout

AUDIO, CODES, STATE, NEXT = "audio", "codes", "state.", "next."
"""Names of inputs and outputs; the last two come before the name of a state."""


def enter(body: Body) -> None:
    """Write what makes the first values of a frame from the input of a graph."""
    program, ints = body.program, body.constants.ints
    if program.side == "transmit":
        return body.write(program.inputs[0], AUDIO, Layout.CHANNELS)
    sizes = [program.values[name].rows for name in program.inputs]
    flat = body.node("Reshape", [CODES, ints(-1)], "indices")
    parts = [flat]
    if len(sizes) > 1:
        parts = body.node_of("Split", [flat, ints(*sizes)], "layers", len(sizes))
    for name, part in zip(program.inputs, parts, strict=True):
        body.write_index(name, part)
    return None


def leave(body: Body) -> str:
    """Write what makes the output of a graph from the last values; return its name."""
    program, ints = body.program, body.constants.ints
    if program.side == "receive":
        return body.read(program.outputs[0], Layout.CHANNELS)
    indices = [body.read_index(name) for name in program.outputs]
    together = body.node("Concat", indices, "layers", axis=0)
    return body.node("Reshape", [together, ints(-1, 1, 1)], "codes")
