"""The process that measures an untrusted codec: ``python -m lrac_audit.auditing.isolated.worker``.

It reads one request in JSON from standard input, confines itself before it imports anything of the
codec, measures, and writes one answer in JSON to what was standard output. What the codec prints
goes to standard error. torch is imported after that, too: the threads that it starts inherit the
confinement.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any

from lrac_audit.auditing.isolated.confinement import confine
from lrac_audit.auditing.isolated.plain_data import from_plain, to_plain
from lrac_audit.auditing.isolated.process_limits import ProcessLimits
from lrac_audit.errors import InputError
from lrac_audit.witness.garbage import long_lived_made
from lrac_audit.witness.stated_rates import StatedRates


def main() -> None:
    """Answer one request."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    request = json.load(sys.stdin)
    limits = from_plain(ProcessLimits, request["limits"])
    confinement = confine(limits)
    answer = {"confinement": to_plain(confinement), **_measured(request, limits)}
    with answers:
        json.dump(answer, answers)


def _measured(request: dict[str, Any], limits: ProcessLimits) -> dict[str, Any]:
    """Return the codec as plain data, or what is wrong with it."""
    from lrac_audit.console.output import debugging

    with long_lived_made():
        from lrac_audit.witness.measured_codec import measure_python

    try:
        with debugging(limits.shows_traceback):
            found = measure_python(
                request["source"],
                request["arguments"],
                request["bitrate_kbps"],
                stated=from_plain(StatedRates, request["stated"]),
            )
    except InputError as error:
        return {"error": {"source": error.source, "problems": to_plain(error.problems)}}
    except MemoryError:
        return {"out_of_memory": True}
    return {"ledger": to_plain(found.ledger), "agreement": to_plain(found.agreement)}


if __name__ == "__main__":
    main()
