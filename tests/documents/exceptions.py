"""Blocks of the pages that no test of this folder runs, each with the reason."""

from __future__ import annotations

RUN_ELSEWHERE = {
    "README.md": "tests/documents/test_readme.py",
    "codec-command-line.md": "tests/reference_models/cli/test_documentation.py",
    "codecs-in-c.md": "tests/reference_models/export/c/test_documentation.py",
    "data.md": "tests/reference_models/cli/test_data_documentation.py",
    "evaluation.md": "tests/reference_models/cli/test_data_documentation.py",
}
"""Pages whose shell commands another test runs: the path of that test."""

NEED_A_COMPILER = {"codecs-in-c.md"}
"""Pages whose sessions compile C."""

SETS_UP = "CI runs it as it stands"
WHOLE_SUITE = "it is the test suite, the linters or the benchmarks themselves"
NEEDS_TRAINING = "it trains; tests/reference_models/training runs the same on a few windows"
NEEDS_RUN = "it reads a finished training run; tests/reference_models/training draws a short one"

NEEDS_ONNX = "it needs onnx; tests/lrac_audit/witness/onnx audits such graphs where it is installed"

NOT_RUN = {
    "python3 -m venv": SETS_UP,
    ".venv/bin/pytest": WHOLE_SUITE,
    ".venv/bin/python -m tests.documents.page_picture": "releases of Chromium draw differently; "
    "tests/lrac_audit/report/html opens the page that it draws",
    ".venv/bin/python -m tests.documents": "a test of this folder compares what it writes",
    ".venv/bin/ruff": WHOLE_SUITE,
    "lrac-audit audit track2 --verify": "tests/reference_models/audit/test_verification.py runs "
    "it, and reads what every witness found",
    "lrac-codec init --design track1 untrained.safetensors": "the README's command of that name "
    "makes the same weights",
    "lrac-codec train": NEEDS_TRAINING,
    "lrac-codec draw-run": NEEDS_RUN,
    "lrac-codec info runs/": NEEDS_RUN,
    "lrac-codec export-weights": NEEDS_RUN,
    "torchrun": NEEDS_TRAINING,
    "OMP_NUM_THREADS=1 lrac-codec train": NEEDS_TRAINING,
    "python tests/synthetic_speech.py": "it needs espeak-ng; tests/test_synthetic_speech.py runs "
    "it where that is installed",
    "lrac-codec data manifest speech/": "it lists the speech of the command before it",
    "lrac-codec evaluate --weights runs/": NEEDS_RUN,
    "reviewdog": "it posts to a host of code; tests/lrac_audit/report checks what it reads",
    'lrac-audit explore track1 --vary "each *.convs.0.kernel': "it needs optuna; "
    "tests/lrac_audit/auditing/exploring/test_evolution.py searches where that is installed",
    "lrac-codec export ": "it needs onnx; tests/reference_models/cli/test_export.py runs it where "
    "that is installed",
    "lrac-audit audit exported_graphs": NEEDS_ONNX,
    "lrac-audit check exported_graphs": NEEDS_ONNX,
    "lrac-audit compare track1 exported_graphs": NEEDS_ONNX,
    "lrac-audit audit encoder.onnx": NEEDS_ONNX,
    "python -m tests.other_counters": "tests/other_counters compares what it prints with the page",
}
"""How a command begins that is not run, and why. Its options are compared with ``--help``."""

READ_BY_A_TEST = {
    ("README.md", "yaml"),
    ("README.md", "text"),
    ("ci.md", "toml"),
    ("codecs-in-c.md", "c"),
    ("ci.md", "yaml"),
    ("design-format.md", "yaml"),
    ("memory.md", "yaml"),
}
"""Blocks that are no code, and that a test reads."""

SHOWN_ONLY = {
    ("command-line.md", "text"): "an error; tests/lrac_audit/console/test_page.py makes it",
    ("design-format.md", "text"): "messages, which tests/lrac_audit/cli/test_schema.py provokes",
    ("targets.md", "text"): "an error; tests/lrac_audit/witness/targets/test_failures.py makes it",
    ("targets.md", "toml"): "tests/lrac_audit/witness/adapters installs the package that it shows",
    ("api.md", "text"): "signatures, which a test of this folder writes anew from the source",
    ("export.md", "cpp"): "it needs the headers of ONNX Runtime, which no package of ours brings",
    (
        "evaluation.md",
        "text",
    ): "a file of scores: tests/reference_models/evaluation reads such ones",
}
"""Blocks that are neither code nor read, with the reason."""


def excepted(command: str) -> bool:
    """Return whether a command is not run here, for a reason that is written down."""
    return any(command.startswith(beginning) for beginning in NOT_RUN)
