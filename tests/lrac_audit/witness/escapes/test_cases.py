"""The corpus: nothing that escapes is passed over in silence, and nothing harmless is accused."""

from __future__ import annotations

import re

import pytest
import torch

from lrac_audit import audit
from lrac_audit.witness.trace import measure
from tests.lrac_audit.witness.escapes import cheats, elsewhere, harmless, leaving, recorded
from tests.lrac_audit.witness.escapes.shell import FIRST, LIMITS, Case, Shell, audited, problems
from tests.lrac_audit.witness.trace.tracing import target_of
from tests.sweeps import thinned

WORDS = {"thread": "thread|no operator made", "process": "process", "operator": "unknown operator"}


LEAVES = r"leaves torch by \w+ at .*leaving\.py:\d+"


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
@pytest.mark.parametrize("work", thinned(leaving.CASES, 4), ids=lambda work: work.__name__)
def test_values_that_leave_are_uncounted_work(work):
    codec = Shell(work).eval()
    rows = measure(target_of(codec, codec, hop=4), None).rows
    assert any(re.search(LEAVES, row.problem) for row in rows)


@pytest.mark.parametrize("work", thinned(leaving.CASES[::6], 2), ids=lambda work: work.__name__)
def test_values_that_leave_make_an_audit_incomplete(work):
    found = audited(Case(work))
    assert found.verdict.status == "incomplete"
    assert any(re.search(LEAVES, problem) for problem in problems(found))


@pytest.mark.filterwarnings("ignore:.*multi-threaded, use of fork:DeprecationWarning")
@pytest.mark.parametrize("work", thinned(elsewhere.CASES, 4), ids=lambda work: work.__name__)
def test_work_elsewhere_makes_an_audit_incomplete(work):
    found = audited(Case(work))
    assert found.verdict.status == "incomplete"
    word = WORDS[work.__name__.partition("_")[0]]
    said = "; ".join(problems(found))
    assert re.search(word, said)
    assert re.search(r"elsewhere\.py:\d+|handed on", said)


@pytest.mark.filterwarnings("ignore::FutureWarning")
@pytest.mark.parametrize("case", thinned(recorded.CASES, 4), ids=lambda case: case.name)
def test_what_can_be_recorded_is_counted(case):
    found = audited(case)
    assert problems(found) == []
    assert sum(row.macs_per_frame for row in found.ledger.rows) == FIRST + case.macs


@pytest.mark.parametrize("work", thinned(harmless.CASES, 4), ids=lambda work: work.__name__)
def test_harmless_reads_are_no_doubt(work):
    found = audited(Case(work))
    assert problems(found) == []
    assert found.verdict.status == "pass"
    assert sum(row.macs_per_frame for row in found.ledger.rows) == FIRST + 5 * 4


@pytest.mark.parametrize("work", thinned(harmless.CASES, 4), ids=lambda work: work.__name__)
def test_harmless_reads_do_not_depend_on_the_signal(work):
    codec = Shell(work).eval()
    reads = measure(target_of(codec, codec, hop=4), None).reads
    assert not [read for read in reads if read.depends_on_signal]


@pytest.mark.parametrize("work", thinned(cheats.CASES, 2), ids=lambda work: work.__name__)
def test_other_work_without_values_makes_an_audit_incomplete(work):
    found = audited(Case(work))
    assert found.verdict.status == "incomplete"
    said = "; ".join(problems(found))
    assert re.search(r"on real values, but|leaves torch by \w+ at", said)


def test_no_run_compiles_a_function_of_the_codec():
    compiled = []

    def backend(graph, inputs):
        compiled.append(graph)
        return graph.forward

    @torch.compile(backend=backend)
    def compiled_before(codec, x):
        return 2 * x

    def compiled_in_each_run(codec, x):
        return torch.compile(lambda y: 2 * y, backend=backend)(x)

    for work in (compiled_before, compiled_in_each_run):
        codec = Shell(work).eval()
        audit(codec, limits=LIMITS)
        assert compiled == []
    torch.compiler.reset()  # torch 2.1 remembers backends of earlier tests
    with torch.no_grad():
        codec(torch.zeros(1, 1, 8))
    assert len(compiled) == 1, "the backend is not called by any run"
