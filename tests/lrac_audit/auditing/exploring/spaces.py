"""Random spaces around random designs, and their fronts by brute force."""

from __future__ import annotations

from itertools import product
from random import Random
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
    shares = {name: draw(st.sampled_from([0.8, 1.0, 1.5, 4.0])) for name in names}
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
    signs = draw(st.sampled_from([["", "-", "-"], ["-", "", ""], ["-", "-", "-"]]))
    objectives = [sign + name for sign, name in zip(signs, names, strict=False)]
    return Case(audit(design, limits=limits), Wishes(draw(_vary(design)), objectives))


NEAR = {
    "kernel": (-2, 2),
    "channels": (-8, 8),
    "dilation": (-1, 2),
    "codebook_dim": (-4, 4),
    "compress": (1, 3),
    "lstm_layers": (1,),
    "width": (-8, 8),
}
"""By the name of a field, what is added to its value to make others."""


def case_near(preset: str, seed: int) -> Case:
    """Return a space of some hundred designs around a shipped design, by a seeded generator."""
    chance = Random(f"{preset} {seed}")
    base = audit(preset)
    assert base.design is not None
    fields = field_values(base.design)
    known = [a for a, v in fields.items() if isinstance(v, bool) or a[-1] in NEAR]
    reaching = [a for a in known if a[0] == "encoder" and a[-1] in ("kernel", "dilation")]
    chosen = chance.sample(reaching, 3) + chance.sample(known, chance.randint(1, 3))
    texts = []
    for address in dict.fromkeys(chosen):
        steps = [0] if isinstance(fields[address], bool) else [0, *NEAR[str(address[-1])]]
        values = [max(fields[address] + step, 1) for step in steps]
        is_flag = isinstance(fields[address], bool)
        listed = ["true", "false"] if is_flag else [str(value) for value in values]
        texts.append(f"{address_text(address)}={','.join(listed)}")
    own = {check.id: check.value for check in base.verdict.checks}
    limits = LimitSet(
        name="near",
        convention="lrac-2025",
        overall_mflops=own["overall_mflops"] * chance.choice([1.0, 1.02, 1.1]),
        total_latency_ms=own["total_latency_ms"] * chance.choice([1.0, 1.2]),
    )
    others = sorted(FIGURES.keys() - {"receptive_field", "overall_mflops"})
    less = ["overall_mflops", *chance.sample(others, chance.randint(0, 2))]
    objectives = ["receptive_field", *(f"-{name}" for name in less)]
    return Case(audit(base.design, limits=limits), Wishes(texts, objectives))


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
