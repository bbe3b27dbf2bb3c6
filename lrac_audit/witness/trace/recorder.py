"""The counter: sees every operator that torch dispatches, and writes down what it does.

What an operator does is looked up by its shapes. What it is *for* comes from the trail of its
tensors: a product that ends in the choice of the smallest is a codebook search, one that ends in a
softmax is attention, of which a mask may let through a part only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode

import lrac_audit.witness.trace.pointwise as _pointwise  # noqa: F401  (it registers formulas)
from lrac_audit.ledger.row import MAC_KINDS, Geometry, Kind
from lrac_audit.witness.trace.call import Call, Shape, Work
from lrac_audit.witness.trace.ignored import CARRIES, IGNORED
from lrac_audit.witness.trace.modules import Paths, Stored
from lrac_audit.witness.trace.results import quick_result
from lrac_audit.witness.trace.table import FORMULAS, words
from lrac_audit.witness.trace.trail import (
    SIGNAL,
    VALUE_LIMIT,
    Trail,
    Trails,
    distinct_values,
)

MASKED_BELOW = -1e4
"""A score as low as this is one that a mask has shut out."""

CHOICES = frozenset(f"aten.{n}" for n in words("argmin argmax min max topk sort argsort"))
SUMS = frozenset(f"aten.{n}" for n in words("sum mean linalg_vector_norm norm"))
SOFTMAXES = frozenset(f"aten.{n}" for n in words("_softmax _safe_softmax _log_softmax"))
REDUCED = frozenset({"reduce", "softmax", "norm", "pool", "fft"})
RECURRENT = {
    nn.LSTM: "lstm",
    nn.LSTMCell: "lstm",
    nn.GRU: "gru",
    nn.GRUCell: "gru",
    nn.RNN: "rnn",
    nn.RNNCell: "rnn",
}
SEARCH_KINDS = {
    **dict.fromkeys(MAC_KINDS, Kind.CODEBOOK_SEARCH),
    Kind.BIAS: Kind.SEARCH_NORM,
    Kind.RESIDUAL_ADD: Kind.SEARCH_NORM,
    Kind.POINTWISE: Kind.SEARCH_NORM,
}


class MaskUnknown(RuntimeError):  # noqa: N818
    """Which pairs a mask lets through depends on values, and the run has none."""


@dataclass(slots=True)
class Record:
    """One call of an operator."""

    operator: str
    path: str
    op: str
    work: dict[str, int]
    geometry: Geometry
    runs: int
    bases: frozenset[int] = frozenset()
    """The stored tensors that it reads, by id."""
    share: tuple[int, int] = (1, 1)
    """How many of how many pairs count, under a mask."""
    problem: str = ""

    @property
    def has_macs(self) -> bool:
        """Whether it multiplies and accumulates."""
        return any(kind in MAC_KINDS for kind in self.work)


@dataclass(slots=True)
class Inputs:
    """The tensors that an operator was given, and what is known about each."""

    tensors: list[Tensor]
    trails: list[Trail] = field(default_factory=list)

    @property
    def constant(self) -> bool:
        """Whether the signal is in none of them."""
        return all(trail.constant for trail in self.trails)


class Recorder(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Writes down what runs inside ``with``; the signal is what :meth:`signal` was told."""

    def __init__(
        self, paths: Paths, stored: Mapping[int, Stored], finds_search: bool, elsewhere: str
    ) -> None:
        """``elsewhere`` names what happens outside all modules."""
        super().__init__()  # type: ignore[no-untyped-call]
        self.records: list[Record] = []
        self.random: set[str] = set()
        """Paths of modules that draw random numbers."""
        self._paths, self._stored, self._finds_search = paths, stored, finds_search
        self._elsewhere = elsewhere
        self._trails = Trails(stored)

    def signal(self, value: Any) -> None:
        """The tensors in ``value`` are what the codec codes."""
        for tensor in tensors_in(value):
            self._trails.know(tensor, SIGNAL)

    def __torch_dispatch__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        """Run one operator, and note what it did."""
        kwargs = kwargs or {}
        name = operator_name(func)
        inputs = Inputs(list(tensors_in((args, kwargs))))
        inputs.trails = [self._trails.of(tensor) for tensor in inputs.tensors]
        value = self._value(func, args, kwargs, inputs)
        result = quick_result(name, func, args, kwargs)
        if result is None or value is not None:
            result = _run(func, args, kwargs, inputs.tensors, value)
        outputs = list(tensors_in(result))
        trail = self._note(func, name, args, kwargs, inputs, outputs)
        self._follow(func, inputs, outputs, trail, value, result)
        return result

    def _value(self, func: Any, args: Any, kwargs: Any, inputs: Inputs) -> Any:
        """What the operator gives when it is made of known constants alone; else None."""
        if torch.Tag.nondeterministic_seeded in func.tags:
            return None
        if not all(t.constant and t.value is not None for t in inputs.trails):
            return None
        if inputs.tensors and not any(tensor.is_meta for tensor in inputs.tensors):
            return None  # it is computed anyway
        known = {id(x): t.value for x, t in zip(inputs.tensors, inputs.trails, strict=True)}
        swap: Callable[[Any], Any] = lambda x: known.get(id(x), x)  # noqa: E731
        given = {**mapped(swap, kwargs)}
        if isinstance(given.get("device"), torch.device) and given["device"].type == "meta":
            given["device"] = torch.device("cpu")
        if not inputs.tensors and not _is_small_factory(func, args):
            return None
        return func(*mapped(swap, args), **given)

    def _note(
        self, func: Any, name: str, args: Any, kwargs: Any, inputs: Inputs, outputs: list[Tensor]
    ) -> Trail:
        """Write down the operator; what is known about its results."""
        constant = inputs.constant
        bases = frozenset().union(*(t.bases for t in inputs.trails if t.constant))
        path = self._path(inputs)
        if torch.Tag.nondeterministic_seeded in func.tags and not _is_off(name, args):
            self.random.add(path)
            constant = False
        plain = Trail(constant=constant, bases=bases if constant else frozenset())
        if name in IGNORED or name.startswith("prim"):
            return self._carried(name, inputs, outputs, plain)
        formula = FORMULAS.get(name)
        if formula is None:
            if inputs.tensors and not constant:
                self._unknown(name, path, bases)
            return plain
        call = Call(_arguments(func, args, kwargs), tuple(Shape(x.shape) for x in outputs))
        work = formula(call)
        record = self._record(name, path, work, bases)
        if constant and not record.has_macs:
            return plain
        if not record.has_macs and _chooses_constants(inputs):
            return Trail(role="mask")
        index = len(self.records)
        self.records.append(record)
        return self._purpose(name, func, args, kwargs, inputs, outputs, record, index, plain)

    def _unknown(self, name: str, path: str, bases: frozenset[int]) -> None:
        problem = f"unknown operator {name} in {path}"
        self.records.append(Record(name, path, name, {}, Geometry(1, 1), 0, bases, problem=problem))

    def _record(self, name: str, path: str, work: Work, bases: frozenset[int]) -> Record:
        by_kind = {kind: n for kind, n in work.by_kind.items() if n}
        record = Record(name, path, work.op, by_kind, work.geometry, work.runs, bases)
        module = self._paths.stack[-1][1] if self._paths.stack else None
        if type(module) in RECURRENT:
            _make_recurrent(record, module)
        return record

    def _path(self, inputs: Inputs) -> str:
        """The innermost running module, or the one below it whose parameters are read."""
        running = (
            self._paths.stack[-1][0].split(".parametrizations.", 1)[0] if self._paths.stack else ""
        )
        for trail in inputs.trails:
            for base in trail.bases:
                owner = self._stored[base].path
                if owner.startswith(running + ".") or not running:
                    return owner or running or self._elsewhere
        return running or self._elsewhere

    def _carried(self, name: str, inputs: Inputs, outputs: list[Tensor], plain: Trail) -> Trail:
        """The trail of the same values elsewhere or in another shape."""
        if name not in CARRIES or not inputs.trails or plain.constant:
            return plain
        made = [trail for trail in inputs.trails if trail.role != "plain"]
        if not made:
            return plain
        first = made[0]
        allowed = _reshaped(first.allowed, inputs.tensors[0], outputs)
        parts = frozenset().union(*(trail.parts for trail in made))
        return Trail(role=first.role, parts=parts, allowed=allowed, share=first.share)

    def _purpose(
        self,
        name: str,
        func: Any,
        args: Any,
        kwargs: Any,
        inputs: Inputs,
        outputs: list[Tensor],
        record: Record,
        index: int,
        plain: Trail,
    ) -> Trail:
        """What the operator is for, given what its inputs are; the trail of what it gives."""
        made = [trail for trail in inputs.trails if trail.parts]
        parts = frozenset().union(*(trail.parts for trail in made))
        if name in CHOICES and made and self._finds_search:
            self._found_search(parts, record, inputs.tensors[0])
            return SIGNAL
        if name in SUMS and made and made[0].role == "outer":
            return self._found_product(parts, record, index, inputs.tensors[0], outputs)
        if name in SOFTMAXES:
            return self._found_attention(inputs, parts, record, index)
        if record.op == "attention":
            record.share = self._share_of_mask(args, kwargs, inputs)
            return Trail(role="product", parts=frozenset({index}))
        if record.has_macs:
            weights = [trail for trail in made if trail.role == "attention"]
            if weights:
                record.op, record.share = "attention", weights[0].share
            if plain.constant:
                return plain
            allowed = _added_mask(name, inputs, outputs)
            return Trail(role="product", parts=frozenset({index}), allowed=allowed)
        if record.op in REDUCED or plain.constant:
            if made and made[0].role == "attention":
                record.op, record.share = "attention", made[0].share
            return plain
        if _spreads(inputs, outputs):
            return Trail(role="outer", parts=frozenset({index}))
        if not made:
            return plain
        first = made[0]
        allowed = self._masked(name, func, args, inputs, outputs, first)
        if first.role == "attention":
            record.share = first.share
        return Trail(role=first.role, parts=parts | {index}, allowed=allowed, share=first.share)

    def _found_search(self, parts: frozenset[int], record: Record, scores: Tensor) -> None:
        """The smallest or largest of products was chosen: they are a codebook search."""
        path = record.path
        for index in sorted(parts):
            part = self.records[index]
            if part.has_macs:
                path = part.path
        for index in parts:
            part = self.records[index]
            work: dict[str, int] = {}
            for kind, n in part.work.items():
                now = SEARCH_KINDS.get(kind, kind)
                work[now] = work.get(now, 0) + n
            part.work, part.op, part.path = work, "search", path
        record.work, record.op, record.path = {Kind.SEARCH_COMPARE: scores.numel()}, "search", path

    def _found_product(
        self,
        parts: frozenset[int],
        record: Record,
        index: int,
        spread: Tensor,
        outputs: list[Tensor],
    ) -> Trail:
        """Tensors were spread against each other, and summed: one multiply-accumulate a value."""
        for part in parts:
            self.records[part].work = {}
            record.bases |= self.records[part].bases
            if record.path == self._elsewhere:
                record.path = self.records[part].path
        values, sums = spread.numel(), outputs[0].numel()
        width = values // max(sums, 1)
        columns = outputs[0].shape[-1] if outputs[0].dim() else 1
        record.work, record.op = {Kind.LINEAR: values}, "linear"
        record.geometry, record.runs = Geometry(width, columns), sums // max(columns, 1)
        return Trail(role="product", parts=frozenset({index}))

    def _found_attention(
        self, inputs: Inputs, parts: frozenset[int], record: Record, index: int
    ) -> Trail:
        """Products went through a softmax."""
        scores, trail = inputs.tensors[0], inputs.trails[0]
        if trail.role != "product":
            return SIGNAL
        share = (1, 1)
        if not scores.is_meta:
            share = int((scores > MASKED_BELOW).sum()), scores.numel()
        elif trail.allowed is not None:
            share = int(trail.allowed.expand(scores.shape).sum()), scores.numel()
        for part in {*parts, index}:
            found = self.records[part]
            found.share = share
            found.op = "attention"
        return Trail(role="attention", parts=parts | {index}, share=share)

    def _masked(
        self,
        name: str,
        func: Any,
        args: Any,
        inputs: Inputs,
        outputs: list[Tensor],
        scores: Trail,
    ) -> Tensor | None:
        """Which products are still let through after a pointwise operation."""
        if scores.role != "product" or not outputs or not outputs[0].is_meta:
            return None
        before = _reshaped(scores.allowed, inputs.tensors[0], outputs)
        masks = [
            trail
            for tensor, trail in zip(inputs.tensors, inputs.trails, strict=True)
            if tensor.dim() >= 2 and ((trail.constant and not trail.bases) or trail.role == "mask")
        ]
        if not masks or name not in ("aten.add", "aten.masked_fill", "aten.where"):
            return before
        if masks[0].value is None:
            raise MaskUnknown("a mask of attention depends on values")
        now = self._let_through(name, args, masks[0].value, scores)
        return now if before is None else now & before

    def _let_through(self, name: str, args: Any, mask: Tensor, scores: Trail) -> Tensor:
        if name == "aten.add":
            return mask > MASKED_BELOW
        if name == "aten.masked_fill":
            return ~mask if _is_low(self._number(args[2])) else torch.ones_like(mask)
        if self._trails.of(args[1]).role == "product":
            return mask if _is_low(self._number(args[2])) else torch.ones_like(mask)
        return ~mask if _is_low(self._number(args[1])) else torch.ones_like(mask)

    def _number(self, given: Any) -> Any:
        """The largest value of a number or a known constant."""
        if isinstance(given, Tensor):
            value = self._trails.of(given).value
            if value is None:
                raise MaskUnknown("what a mask fills in depends on values")
            return float(value.max())
        return given

    def _share_of_mask(self, args: Any, kwargs: Any, inputs: Inputs) -> tuple[int, int]:
        """How many of how many pairs fused attention computes."""
        query, key = args[0], args[1]
        pairs = query.shape[:-1].numel() * key.shape[-2]
        mask = kwargs.get("attn_mask")
        given = [x for x in (*args[3:], *kwargs.values()) if isinstance(x, bool)]
        causal = bool(kwargs.get("is_causal", given[0] if given else False))
        if mask is None and len(args) > 3 and isinstance(args[3], Tensor):
            mask = args[3]
        if mask is not None:
            value = self._trails.of(mask).value if mask.is_meta else mask
            if value is None:
                raise MaskUnknown("a mask of attention depends on values")
            allowed = value if value.dtype == torch.bool else value > MASKED_BELOW
            return int(allowed.expand(*query.shape[:-1], key.shape[-2]).sum()), pairs
        if causal:
            steps, keys = query.shape[-2], key.shape[-2]
            seen = sum(min(i + 1, keys) for i in range(steps))
            return seen, steps * keys
        return 1, 1

    def _follow(
        self,
        func: Any,
        inputs: Inputs,
        outputs: list[Tensor],
        trail: Trail,
        value: Any,
        result: Any,
    ) -> None:
        """Keep what is known about the results, and about what was changed in place."""
        values = list(tensors_in(value)) if value is not None else [None] * len(outputs)
        mutable = func._schema.is_mutable
        if mutable and not trail.constant and inputs.tensors:
            self._trails.mark_changed(inputs.tensors[0])
        for tensor, known in zip(outputs, values, strict=False):
            real = known
            if trail.constant and real is None and not tensor.is_meta:
                real = tensor if tensor.numel() <= VALUE_LIMIT else None
            same = real is trail.value
            self._trails.know(tensor, trail if same else with_value(trail, real))


def with_value(trail: Trail, value: Tensor | None) -> Trail:
    """``trail`` of a constant whose value is known."""
    if not trail.constant:
        return trail
    return Trail(constant=True, bases=trail.bases, value=value)


def operator_name(func: Any) -> str:
    """``aten.add`` for ``aten::add_.Tensor``."""
    name: str = func._schema.name.replace("::", ".")
    return name[:-1] if name.endswith("_") and not name.endswith("__") else name


def tensors_in(value: Any) -> Iterator[Tensor]:
    """The tensors in nested lists, tuples and dictionaries, in order."""
    if isinstance(value, Tensor):
        yield value
    elif isinstance(value, list | tuple):
        for item in value:
            yield from tensors_in(item)
    elif isinstance(value, dict):
        for item in value.values():
            yield from tensors_in(item)


def mapped(change: Callable[[Any], Any], value: Any) -> Any:
    """``value`` with ``change`` applied to every tensor in it."""
    if isinstance(value, Tensor):
        return change(value)
    if isinstance(value, list | tuple):
        return type(value)(mapped(change, item) for item in value)
    if isinstance(value, dict):
        return {key: mapped(change, item) for key, item in value.items()}
    return value


def _arguments(func: Any, args: Any, kwargs: Any) -> tuple[Any, ...]:
    """All arguments in the order of the schema, tensors as shapes."""
    given = list(args)
    for argument in func._schema.arguments[len(args) :]:
        given.append(kwargs.get(argument.name, argument.default_value))
    return tuple(mapped(lambda x: Shape(x.shape), list(given)))


def _run(func: Any, args: Any, kwargs: Any, inputs: list[Tensor], value: Any) -> Any:
    """The operator itself; without values where it must be."""
    known = value is not None and not isinstance(value, Tensor | list | tuple)
    if known:
        return value
    try:
        return func(*args, **kwargs)
    except (RuntimeError, NotImplementedError):
        if value is not None:
            return mapped(lambda x: x.to("meta"), value)
        mixed = {tensor.is_meta for tensor in inputs} == {True, False}
        if not mixed:
            raise
    empty: Callable[[Any], Any] = lambda x: x.to("meta")  # noqa: E731
    return func(*mapped(empty, args), **mapped(empty, kwargs))


def _is_small_factory(func: Any, args: Any) -> bool:
    """Whether an operator without tensors makes one that is worth knowing."""
    sizes = args[0] if args and isinstance(args[0], list | tuple) else ()
    total = 1
    for size in sizes:
        total *= size if isinstance(size, int) else 1
    return total <= VALUE_LIMIT and "empty" not in func._schema.name


def _added_mask(name: str, inputs: Inputs, outputs: list[Tensor]) -> Tensor | None:
    """What a mask lets through that a product of matrices is added to."""
    added = inputs.trails[0]
    if name != "aten.baddbmm" or not added.constant or added.bases or added.value is None:
        return None
    return (added.value > MASKED_BELOW).expand(outputs[0].shape)


def _chooses_constants(inputs: Inputs) -> bool:
    """Whether the signal has a say only in which constants come out: a mask is made."""
    pairs = zip(inputs.tensors, inputs.trails, strict=True)
    return all(trail.constant or tensor.dtype == torch.bool for tensor, trail in pairs)


def _is_off(name: str, args: Any) -> bool:
    """A dropout that drops nothing."""
    return name in ("aten.dropout", "aten.native_dropout") and args[1] == 0


def _is_low(number: Any) -> bool:
    return isinstance(number, int | float) and number <= MASKED_BELOW


def _spreads(inputs: Inputs, outputs: list[Tensor]) -> bool:
    """Whether two tensors are spread against each other: each has fewer values than the result."""
    if len(inputs.tensors) != 2 or len(outputs) != 1:
        return False
    values = outputs[0].numel()
    return all(1 < distinct_values(tensor) < values for tensor in inputs.tensors)


def _reshaped(allowed: Tensor | None, before: Tensor, outputs: list[Tensor]) -> Tensor | None:
    """A mask for scores that have another shape now."""
    if allowed is None or not outputs:
        return None
    after = outputs[0].shape
    if after == before.shape:
        return allowed
    full = allowed.expand(before.shape)
    if full.numel() == outputs[0].numel():
        return full.reshape(after)
    raise MaskUnknown("masked scores are cut to another shape")


def _make_recurrent(record: Record, module: Any) -> None:
    """Everything inside a recurrent layer belongs to it; sums and products are its gates'."""
    record.op = RECURRENT[type(module)]
    record.geometry = Geometry(module.input_size, module.hidden_size)
    gates = (Kind.RESIDUAL_ADD, Kind.POINTWISE)
    record.work = {Kind.GATE_ARITHMETIC if k in gates else k: n for k, n in record.work.items()}
