"""The C function of one side: its operations in their order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from reference_models.export.c import kinds as kinds_of_operations  # noqa: F401 - enters them
from reference_models.export.c.code import SideCode
from reference_models.export.c.kinds.registry import IN_C
from reference_models.export.c.memory import ScratchPlan, scratch_plan
from reference_models.export.operations.operation import Operation
from reference_models.export.program import Program
from reference_models.export.quantization import Means

SIDES = ("transmit", "receive")
"""The sides by their numbers in C."""


@dataclass(frozen=True)
class Side:
    """One side of a codec in C."""

    program: Program
    plan: ScratchPlan
    state_values: int
    weights: bytes
    """As the code reads them."""
    is_int8: bool
    """Whether weights are stored in 8 bits."""
    files: tuple[str, ...]
    """Files of the runtime that it needs."""
    function: tuple[str, ...]
    """The lines of the function that computes a frame."""


def side_in_c(
    program: Program, row_number: Callable[[str], int], means: Means | None = None
) -> Side:
    """Return one side in C.

    Args:
        program: Its program.
        row_number: Gives the number of a row of the ledger, named behind its side.
        means: Means of values over time, with which its weights are stored in 8 bits.

    Raises:
        InputError: an operation is of a kind that has no code in C.
    """
    kinds = [IN_C.of(op.row, op) for op in program.operations]
    each = list(zip(program.operations, kinds, strict=True))
    room = {op.writes: kind.room_behind(program, op) for op, kind in each}
    space = {op.writes: kind.working_space(program, op) for op, kind in each}
    plan = scratch_plan(program, room, space)
    code = SideCode(program, plan, means)
    calls = list(_layers(code, row_number))
    write = _transmit_function if program.side == "transmit" else _receive_function
    return Side(
        program=program,
        plan=plan,
        state_values=sum(state.rows * state.columns for state in program.states.values()),
        weights=code.packed_weights,
        is_int8=code.is_int8,
        files=tuple(dict.fromkeys(kind.source(op) for op, kind in each)),
        function=tuple(write(program, plan, [*code.declarations()], calls)),
    )


def _layers(code: SideCode, row_number: Callable[[str], int]) -> Iterator[str]:
    """Yield the calls; those of a quantizer layer run only while that layer is active."""
    for layer, group in groupby(code.program.operations, lambda op: op.layer):
        operations = list(group)
        lines = [line for op in operations for line in _calls(code, op, row_number)]
        if not layer:
            yield from lines
            continue
        yield f"if (layers > {layer}) {{"
        yield from (f"    {line}" for line in lines)
        cleared = list(_cleared(code, operations))
        if cleared:
            yield "} else {"
            yield from cleared
        yield "}"


def _calls(code: SideCode, op: Operation, row_number: Callable[[str], int]) -> Iterator[str]:
    number = row_number(f"{code.program.side} {op.row}")
    yield f"LRAC_ROW({number}); /* {op.row} */"
    for call in IN_C.of(op.row, op).calls(code, op):
        yield f"{call};"


def _cleared(code: SideCode, group: Iterable[Operation]) -> Iterator[str]:
    """Yield what sets the results of an inactive layer to zero that other operations read."""
    own = {id(op) for op in group}
    read_elsewhere = {
        name for op in code.program.operations if id(op) not in own for name in op.reads
    }
    for op in group:
        value = code.program.values[op.writes]
        if op.writes in read_elsewhere and not value.is_index:
            size = f"{value.rows * value.columns} * sizeof(float)"
            yield f"    memset({code.value(op.writes)}, 0, {size});"


def _transmit_function(
    program: Program, plan: ScratchPlan, declarations: list[str], calls: list[str]
) -> Iterator[str]:
    audio = program.values[program.inputs[0]]
    place = plan.offsets[program.inputs[0]]
    rest = f"({audio.rows * audio.columns} - given) * sizeof(float)"
    yield from _opening("transmit", "const float *audio, int samples, uint32_t *indices")
    yield from _places(program.outputs, program, plan)
    yield f"    const size_t given = (size_t)samples * {audio.columns};"
    yield from (f"    {line}" for line in declarations)
    yield from _UNUSED
    yield "    if (given != 0) {"
    yield f"        memcpy(s + {place}, audio, given * sizeof(float));"
    yield "    }"
    yield f"    memset(s + {place} + given, 0, {rest});"
    yield from (f"    {line}" for line in calls)
    yield from _each_index("indices[i] = index[places[i]];")
    yield "}\n"


def _receive_function(
    program: Program, plan: ScratchPlan, declarations: list[str], calls: list[str]
) -> Iterator[str]:
    audio = program.values[program.outputs[0]]
    size = f"{audio.rows * audio.columns} * sizeof(float)"
    yield from _opening("receive", "const uint32_t *indices, float *audio")
    yield from _places(program.inputs, program, plan)
    yield from (f"    {line}" for line in declarations)
    yield from _UNUSED
    yield from _each_index("index[places[i]] = indices[i];")
    yield from (f"    {line}" for line in calls)
    yield f"    memcpy(audio, s + {plan.offsets[program.outputs[0]]}, {size});"
    yield "}\n"


_UNUSED = ("    (void)state, (void)at;",)
"""A design may keep nothing, and then no frame differs from another."""


def _opening(side: str, parameters: str) -> Iterator[str]:
    yield f"static void lrac_{side}(const float *w, float *state, lrac_scratch *scratch,"
    yield f"    const lrac_position *at, int layers, {parameters})"
    yield "{"
    yield "    float *const s = scratch->values;"
    yield "    uint32_t *const index = scratch->indices;"


def _places(names: Sequence[str], program: Program, plan: ScratchPlan) -> Iterator[str]:
    """Yield the table that says where in the scratch memory each index of a frame is."""
    places = [
        plan.index_offsets[name] + row for name in names for row in range(program.values[name].rows)
    ]
    yield f"    static const int places[] = {{{', '.join(map(str, places))}}};"


def _each_index(statement: str) -> Iterator[str]:
    yield "    for (int i = 0; i < lrac_indices_of[layers]; i++) {"
    yield f"        {statement}"
    yield "    }"
