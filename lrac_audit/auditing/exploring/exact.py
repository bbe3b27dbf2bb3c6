"""Exact search: every design of a space is decided, most of them without being looked at.

The search sets the knobs along the path of the signal. Before it goes on behind a setting it bounds
the sums of all designs there; where a bound breaks a limit, or a design was found that is at least
as good as the bound in every objective, none of them is looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import product
from operator import gt

from lrac_audit.auditing.exploring.chain import Option, Run, Stage, runs_behind
from lrac_audit.auditing.exploring.contexts import Context, Contexts
from lrac_audit.auditing.exploring.front import ParetoFront, Rank, Ranked
from lrac_audit.auditing.exploring.ranking import Ranking
from lrac_audit.auditing.exploring.space import Space, Values
from lrac_audit.auditing.exploring.sums import Sums, plus
from lrac_audit.auditing.exploring.terms import AuditTerms
from lrac_audit.auditing.exploring.values import Value
from lrac_audit.ledger.row import Ledger

Judge = Callable[[Values], Rank | None]
"""Returns the rank of a design by its audit; None where it breaks a rule or a limit."""
Advance = Callable[[int], object]
"""Is told how many more designs were decided."""
MOST_FOLLOWED = 200_000
"""Runs of stages whose sums are kept at a time."""
LOOKS_BETWEEN_TELLINGS = 2_000
"""Bounds that are looked at between two tellings of the progress."""


class Exact:
    """The exact search of a space."""

    def __init__(
        self,
        space: Space,
        terms: AuditTerms,
        ranking: Ranking,
        judge: Judge | None = None,
        advance: Advance | None = None,
    ) -> None:
        """``judge`` is asked about every design that joins the front; None trusts its sums."""
        self._space, self._judge, self._advance = space, judge, advance
        self.ranking = ranking
        self._contexts = Contexts(space, terms, ranking.summing, ranking.is_limited)
        self._told = self._looks = 0
        self.front = ParetoFront()
        self.decided = 0
        """Designs that are decided so far."""

    def run(self) -> None:
        """Decide every design; what was found so far is in the front when this is interrupted."""
        order = self._contexts.order
        knobs = self._space.knobs
        designs = self._space.size
        for i in order.first:
            designs //= len(knobs[i].values)
        for number, first in enumerate(product(*(knobs[i].values for i in order.first)), start=1):
            context = self._contexts.open(first)
            if context is not None:
                _Descent(self, context, dict(zip(order.first, first, strict=True))).run()
            self.decided = number * designs
            self.tell()

    def tell(self) -> None:
        """Tell how many designs were decided since this was told last."""
        if self._advance is not None:
            self._advance(self.decided - self._told)
        self._told = self.decided

    def is_cut(self, ledger: Ledger, bound: Sums, caps: Sums) -> bool:
        """Return whether no design with sums of at least ``bound`` can join the front."""
        self._looks += 1
        if self._looks % LOOKS_BETWEEN_TELLINGS == 0:
            self.tell()
        if any(map(gt, bound, caps)):
            return True
        return self.front.covers(self.ranking.rank(ledger, bound))

    def offer(self, ledger: Ledger, sums: Sums, chosen: Mapping[int, Value]) -> None:
        """Add a design that no other covers to the front, if its audit agrees."""
        values = tuple(chosen[i] for i in range(len(self._space.knobs)))
        if self._judge is None:
            self.front.add(Ranked(self.ranking.rank(ledger, sums), values))
            return
        rank = self._judge(values)
        if rank is not None and not self.front.covers(rank):
            self.front.add(Ranked(rank, values))


class _Descent:
    """The search of one context, from each stage that opens knobs to the next."""

    def __init__(self, search: Exact, context: Context, chosen: dict[int, Value]) -> None:
        self._search, self._chosen = search, chosen
        self._ledger, self._chain = context
        self._caps = search.ranking.caps(context.ledger)
        self._runs = runs_behind(self._chain.stages)
        self._followed: dict[tuple[Value, ...], Option | None] = {}

    def run(self) -> None:
        """Decide every design of the context."""
        start = self._chain.start
        if start is None:
            return
        constants = self._search.ranking.summing.constants(self._ledger)
        sums = plus(constants, start.sums)
        if self._chain.stages or not self._search.is_cut(self._ledger, sums, self._caps):
            self._enter(0, start.channels_out, sums)

    def _enter(self, depth: int, channels: int, sums: Sums) -> None:
        search = self._search
        if depth == len(self._chain.stages):
            search.decided += 1
            search.offer(self._ledger, sums, self._chosen)
            return
        stage, run = self._chain.stages[depth], self._runs[depth]
        options = self._options(stage, channels)
        for option in options:
            self._chosen.update(zip(stage.opened, option.values, strict=True))
            way = option if run.end == depth + 1 else self._follow(option, depth + 1, run)
            if way is None or not self._goes_on(run.end, way, sums):
                search.decided += stage.designs_behind
        search.decided += stage.designs - len(options) * stage.designs_behind

    def _goes_on(self, depth: int, way: Option, sums: Sums) -> bool:
        """Enter the stage that ``way`` leads to, unless no design behind it can join the front."""
        total = plus(sums, way.sums)
        if self._search.is_cut(self._ledger, plus(total, way.behind), self._caps):
            return False
        self._enter(depth, way.channels, total)
        return True

    def _options(self, stage: Stage, channels: int) -> Sequence[Option]:
        tied = tuple([self._chosen[knob] for knob in stage.tied])
        return stage.options.get((channels, tied), ())

    def _follow(self, option: Option, depth: int, run: Run) -> Option | None:
        """Return ``option`` with the stages of ``run`` behind it; None where they break a rule."""
        key = (depth, option.channels, *[self._chosen[knob] for knob in run.tied])
        if key not in self._followed:
            if len(self._followed) >= MOST_FOLLOWED:
                self._followed.clear()
            self._followed[key] = self._passed(depth, run.end, option.channels)
        found = self._followed[key]
        return None if found is None else found._replace(sums=plus(option.sums, found.sums))

    def _passed(self, depth: int, end: int, channels: int) -> Option | None:
        way = Option((), self._search.ranking.summing.zero, channels, ())
        for stage in self._chain.stages[depth:end]:
            options = self._options(stage, way.channels)
            if not options:
                return None
            way = options[0]._replace(sums=plus(way.sums, options[0].sums))
        return way
