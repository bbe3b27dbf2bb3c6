"""Random spaces around random designs, and their fronts by brute force."""

from __future__ import annotations

from itertools import product
from typing import Any, NamedTuple

from hypothesis import strategies as st

from lrac_audit import Audit, CodecDesign, audit
from lrac_audit.auditing.exploring.explore import Wishes
from lrac_audit.auditing.exploring.objectives import FIGURES, parse_objectives, rank_of
from lrac_audit.auditing.exploring.space import Space, parse_space
from lrac_audit.design.addresses import address_text, field_values
from lrac_audit.errors import InputError
from lrac_audit.limits.limit_set import LimitSet
from tests.random_designs import designs
from tests.random_lists import list_designs

MOST_DESIGNS = 300
STRUCTURAL = ("lstm_layers", "layers")
"""Fields whose larger values make designs that take long."""


class Case(NamedTuple):
    """A design with limits, and what is asked about it."""

    base: Audit
    wishes: Wishes


LIMITED = ("overall_mflops", "receive_mflops", "total_latency_ms", "stored_bytes", "state_bytes")
SCRATCH = ("transmit_scratch_bytes", "scratch_bytes")


@st.composite
def _limits(draw: st.DrawFn, design: CodecDesign) -> LimitSet:
    """Draw limits near the figures of ``design``, some of which it breaks."""
    names = draw(st.lists(st.sampled_from(LIMITED), min_size=1, max_size=2, unique=True))
    names += draw(st.sampled_from([[], [], [], list(SCRATCH)]))
    convention = draw(st.sampled_from(["lrac-2025", "macs", "full"]))
    tiny = LimitSet(name="tiny", convention=convention, **dict.fromkeys(names, 1e-9))
    values = {check.id: check.value for check in audit(design, limits=tiny).verdict.checks}
    shares = {name: draw(st.sampled_from([0.8, 1.0, 1.3, 3.0])) for name in names}
    bounds = {name: max(share * (values[name] or 1.0), 1e-9) for name, share in shares.items()}
    return LimitSet(name="drawn", convention=convention, **bounds)


@st.composite
def _values(draw: st.DrawFn, design: CodecDesign, pattern: str, value: Any) -> str:
    if isinstance(value, bool):
        return "true,false"
    most = 3 if pattern.endswith(STRUCTURAL) else 8
    drawn = draw(st.lists(st.integers(1, most), min_size=1, max_size=3, unique=True))
    drawn.insert(draw(st.integers(0, 1)), value)
    taken = [each for each in dict.fromkeys(drawn) if _may_take(design, pattern, each)]
    return ",".join(map(str, taken))


def _may_take(design: CodecDesign, pattern: str, value: float) -> bool:
    try:
        parse_space(design, [f"{pattern}={value}"])
    except InputError:
        return False
    return True


@st.composite
def _vary(draw: st.DrawFn, design: CodecDesign) -> list[str]:
    """Draw knobs on single fields, and on fields of one name together."""
    fields = field_values(design)
    left = [a for a in fields if a[0] in ("encoder", "decoder", "quantizer")]
    texts, size = [], 1
    for _ in range(draw(st.integers(2, 7))):
        if not left or size > MOST_DESIGNS // 4:
            break
        address = draw(st.sampled_from(left))
        alike = [a for a in left if a[0] == address[0] and a[-1] == address[-1]]
        whole = [a for a in fields if a[0] == address[0] and a[-1] == address[-1]]
        tied = len(alike) == len(whole) > 1 and draw(st.booleans())
        pattern = f"{address[0]}.*.{address[-1]}" if tied else address_text(address)
        values = draw(_values(design, pattern, fields[address]))
        texts.append(f"{pattern}={values}")
        taken = set(whole) if tied else {address}
        left = [a for a in left if a not in taken]
        size *= values.count(",") + 1
    return texts


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Draw a space of a few hundred designs at most."""
    design = draw(designs() | list_designs())
    limits = draw(_limits(design))
    names = draw(st.lists(st.sampled_from(sorted(FIGURES)), min_size=1, max_size=3, unique=True))
    objectives = [draw(st.sampled_from(["", "-"])) + name for name in names]
    return Case(audit(design, limits=limits), Wishes(draw(_vary(design)), objectives))


def brute_force(case: Case) -> set[tuple[float, ...]]:
    """Return the ranks on the front, from an audit of every design of the space."""
    design = case.base.design
    assert design is not None
    space, objectives = (
        parse_space(design, case.wishes.vary),
        parse_objectives(case.wishes.objectives),
    )
    ranks = {rank_of(one, objectives) for one in _passing(space, case.base)}
    return {rank for rank in ranks if not any(_is_better(other, rank) for other in ranks)}


def _passing(space: Space, base: Audit) -> list[Audit]:
    found = []
    for values in product(*(knob.values for knob in space.knobs)):
        try:
            one = audit(space.design(values), limits=base.verdict.limits)
        except InputError:
            continue
        if one.verdict.status == "pass":
            found.append(one)
    return found


def _is_better(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    return one != other and all(mine <= its for mine, its in zip(one, other, strict=True))
