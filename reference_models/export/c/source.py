"""The header and the source of a codec in C: the runtime and what is written for the design."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from lrac_audit.errors import InputError, Problem
from reference_models.bitstream.header import MAX_EQUAL_BITS, bits_of, index_sizes
from reference_models.export.c.amalgamation import RUNTIME, Amalgamation
from reference_models.export.c.code import VALUE_BYTES
from reference_models.export.c.side import SIDES, Side, side_in_c
from reference_models.export.program import Program
from reference_models.export.quantization import Means
from reference_models.nn.fingerprint import design_fingerprint

MAX_INDEX_BITS = 32
STACK_BYTES = 4096
"""Stack below a call of the interface with -O2 or -O3, at most; measured by the tests."""


class CodecInC(NamedTuple):
    """A codec in C, or one side of it."""

    header: str
    source: str
    sides: tuple[Side, ...]
    rows: tuple[str, ...]
    """Rows of the ledger, each behind its side, in the order of the counters."""


NO_MEANS: Mapping[str, Means] = MappingProxyType({})
"""What a codec is made with whose weights are all floats."""


def codec_in_c(programs: Sequence[Program], means: Mapping[str, Means] = NO_MEANS) -> CodecInC:
    """Return the C code of the ``programs`` of both sides of a codec, or of one side.

    Sides that have ``means`` of their values over time get weights in 8 bits.

    Raises:
        InputError: an operation or an index is of a kind that has no code in C.
    """
    for program in programs:
        _check_indices(program)
    rows = tuple(
        f"{program.side} {row}"
        for program in programs
        for row in dict.fromkeys(op.row for op in program.operations)
    )
    sides = tuple(side_in_c(program, rows.index, means.get(program.side)) for program in programs)
    sizes = "".join(f"#define {name} {value}\n" for name, value in _sizes(sides, rows))
    header = (RUNTIME / "lrac_codec.h").read_text(encoding="utf-8")
    header = header.replace('#include "sizes.h"\n', sizes)
    return CodecInC(header, "\n".join(_source(sides, rows)), sides, rows)


def _check_indices(program: Program) -> None:
    """Make sure that every index fits into the integers of the C code."""
    sizes = index_sizes(program.design, program.layers)
    if bits_of(max(sizes)) > MAX_INDEX_BITS:
        given = f"an index of {bits_of(max(sizes))} bits"
        allowed = f"at most {MAX_INDEX_BITS} bits, which the code in C takes"
        raise InputError(program.design.name, [Problem("quantizer", given, allowed)])


def _sizes(sides: Sequence[Side], rows: Sequence[str]) -> Iterator[tuple[str, int]]:
    """Yield the constants of the header."""
    design, layers = sides[0].program.design, sides[0].program.layers
    sizes = index_sizes(design, layers)
    frame_bits = sum(map(bits_of, sizes))
    yield "LRAC_SAMPLE_RATE_HZ", design.sample_rate_hz
    yield "LRAC_HOP_SAMPLES", design.hop_samples
    yield "LRAC_CHANNELS", design.audio_channels
    yield "LRAC_LAYERS", layers
    yield "LRAC_MAX_INDICES", len(sizes)
    yield "LRAC_MAX_FRAME_BYTES", -(-(frame_bits + 7) // 8)
    for side in sides:
        name = side.program.side.upper()
        yield f"LRAC_{name}_STATE_VALUES", max(side.state_values, 1)
        yield f"LRAC_{name}_WEIGHT_VALUES", len(side.weights) // VALUE_BYTES
        yield f"LRAC_{name}_LAG", side.program.output.lag
    int8 = sum(1 << SIDES.index(side.program.side) for side in sides if side.is_int8)
    if int8:
        yield "LRAC_INT8", int8
    yield "LRAC_SCRATCH_VALUES", max(side.plan.size for side in sides)
    yield "LRAC_SCRATCH_INDICES", max(side.plan.index_size for side in sides)
    yield "LRAC_STACK_BYTES", STACK_BYTES
    yield "LRAC_ROWS", len(rows)


INTERFACES = {"transmit": "encode.c", "receive": "decode.c"}


def _source(sides: Sequence[Side], rows: Sequence[str]) -> Iterator[str]:
    runtime = Amalgamation()
    yield '#include "lrac_codec.h"\n\n#include <math.h>\n#include <string.h>\n'
    yield runtime.text("base.c")
    for name in dict.fromkeys(name for side in sides for name in side.files):
        yield runtime.text(name)
    yield runtime.text("position.c")
    yield from _tables(sides[0].program, rows)
    for side in sides:
        yield from side.function
        yield runtime.text(INTERFACES[side.program.side])
    for name in ("weights.c", "bitstream.c"):
        yield runtime.text(name)


def _tables(program: Program, rows: Sequence[str]) -> Iterator[str]:
    design, layers = program.design, program.layers
    sizes = index_sizes(design, layers)
    counts = [len(index_sizes(design, count)) if count else 0 for count in range(layers + 1)]
    fingerprint = bytes.fromhex(design_fingerprint(design))
    yield f"enum {{ LRAC_MAX_EQUAL_BITS = {MAX_EQUAL_BITS} }};"
    yield _array("uint8_t", "lrac_design[8]", fingerprint)
    yield _array("int", "lrac_indices_of[LRAC_LAYERS + 1]", counts)
    yield _array("uint64_t", "lrac_index_sizes[LRAC_MAX_INDICES]", sizes)
    yield _array("uint8_t", "lrac_index_bits[LRAC_MAX_INDICES]", map(bits_of, sizes))
    yield "\n#ifdef LRAC_COUNT\nconst char *const lrac_row_names[LRAC_ROWS] = {"
    yield from (f'    "{row}",' for row in rows)
    yield "};\n#endif\n"


def _array(kind: str, name: str, values: Iterable[int]) -> str:
    return f"static const {kind} {name} = {{{', '.join(map(str, values))}}};"
