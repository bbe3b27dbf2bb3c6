"""Tables of measurements: extended, not recomputed; no interruption loses or doubles a row."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
import soundfile

from lrac_audit.errors import InputError
from reference_models.corpus import extending, table, table_parts
from reference_models.corpus.extending import extend_table
from reference_models.corpus.measurement import MEASUREMENTS, measure
from reference_models.data.manifest import Manifest, save_manifest
from reference_models.parallel.mapping import HERE, Workers
from tests.reference_models.data.conftest import corpus, write_noise

FIELDS = MEASUREMENTS.columns


def ignored(done: int) -> None:
    pass


@pytest.fixture
def noise(tmp_path) -> Manifest:
    return corpus(tmp_path / "noise", [6000, 7000, 8000, 9000])


@pytest.fixture
def calls(monkeypatch):
    """The uids that were measured."""
    seen = []
    work = extending.mapped

    def noted(function, items, workers):
        for item in items:
            seen.append(item.uid)
            yield from work(function, [item], workers)

    monkeypatch.setattr(extending, "mapped", noted)
    return seen


def measure_files(manifest, path, workers, advance):
    return extend_table(manifest, path, MEASUREMENTS, measure, workers, advance)


def load(path):
    return table.load_table(path, MEASUREMENTS)


def part_of(manifest: Manifest, *numbers: int) -> Manifest:
    return Manifest("some", tuple(manifest.entries[i] for i in numbers))


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_a_table_is_extended(noise, calls, tmp_path, suffix):
    if suffix == "parquet":
        pytest.importorskip("pyarrow")
    path = tmp_path / f"t.{suffix}"
    first = measure_files(part_of(noise, 2, 0), path, HERE, ignored)
    every = measure_files(noise, path, HERE, ignored)
    assert calls == ["u2", "u0", "u1", "u3"]
    assert [row.uid for row in every] == ["u0", "u1", "u2", "u3"]
    assert [every[2], every[0]] == first == [measure(noise.entries[i]) for i in (2, 0)]
    assert list(load(path).values()) == every
    measure_files(part_of(noise, 3), path, HERE, ignored)
    assert len(calls) == 4 and set(load(path)) == {"u0", "u1", "u2", "u3"}


def test_changed_and_unreadable_files_are_measured_again(noise, calls, tmp_path):
    path = tmp_path / "t.csv"
    noise.entries[1].path.write_bytes(b"no audio")
    rows = measure_files(noise, path, HERE, ignored)
    assert "u1.wav: given a file that libsndfile cannot read" in rows[1].error
    assert rows[1].snr_db is None and not any(rows[i].error for i in (0, 2, 3))
    mended = write_noise(noise.entries[1].path, 7000)
    longer = write_noise(noise.entries[2].path, 9500)
    changed = Manifest("m", (noise.entries[0], mended, longer, noise.entries[3]))
    rows = measure_files(changed, path, HERE, ignored)
    assert calls == ["u0", "u1", "u2", "u3", "u1", "u2"]
    assert not rows[1].error and rows[2].duration_s == 9500 / 24_000


def test_an_interruption_keeps_what_was_measured(noise, calls, tmp_path, monkeypatch):
    path = tmp_path / "t.csv"
    done = []

    def interrupted(count):
        done.append(count)
        if sum(done) == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        measure_files(noise, path, HERE, interrupted)
    assert not path.exists()
    assert len(measure_files(noise, path, HERE, ignored)) == 4
    assert calls == ["u0", "u1", "u2", "u3"]
    assert sorted(p.name for p in tmp_path.iterdir()) == ["noise", "t.csv"]


def test_parts_that_are_in_the_table_already_are_not_doubled(noise, calls, tmp_path, monkeypatch):
    """As after a kill between the replacement of the table and the removal of its parts."""
    path = tmp_path / "t.csv"
    monkeypatch.setattr(extending, "remove_parts", lambda path: None)
    before = measure_files(noise, path, HERE, ignored)
    monkeypatch.undo()
    assert measure_files(noise, path, HERE, ignored) == before
    assert len(path.read_text().splitlines()) == 5 and not table_parts.has_parts(path)


def test_silence_has_no_measures_of_speech(tmp_path):
    soundfile.write(tmp_path / "x.wav", np.zeros(24_000), 24_000)
    entry = write_noise(tmp_path / "y.wav", 24_000)._replace(path=tmp_path / "x.wav")
    found = measure(entry)
    assert (found.error, found.snr_db, found.gender, found.active_share) == ("", None, None, 0)


def test_very_short_files_are_measured(tmp_path):
    found = measure(write_noise(tmp_path / "x.wav", 5))
    assert found.error == "" and found.level_dbfs is not None and found.loudness_lufs is None


def test_wrong_tables_are_one_message(noise, tmp_path):
    bad = tmp_path / "t.csv"
    bad.write_text(",".join(FIELDS) + "\nu0,1,24000,,loud" + "," * (len(FIELDS) - 5) + "\n")
    with pytest.raises(InputError, match="line 2, level_dbfs: given 'loud'; allowed: a number"):
        measure_files(noise, bad, HERE, ignored)
    bad.write_text("uid,x\n")
    with pytest.raises(InputError, match="header: given 'uid, x'"):
        load(bad)
    with pytest.raises(InputError, match=r"given the suffix '.xls'; allowed: .* one of .csv"):
        load(tmp_path / "t.xls")
    pytest.importorskip("pyarrow")
    (tmp_path / "t.parquet").write_text("no table")
    with pytest.raises(InputError, match="allowed: a Parquet table"):
        load(tmp_path / "t.parquet")


@pytest.mark.sweep
def test_a_cluster_measures_what_one_process_does_although_a_worker_is_killed(tmp_path):
    distributed = pytest.importorskip("distributed")
    files = corpus(tmp_path / "noise", list(range(24_000, 24_060)))
    alone = measure_files(files, tmp_path / "alone.csv", HERE, ignored)
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, dashboard_address=""
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        processes = list(client.run(os.getpid).values())
        done = []

        def kill_one(count):
            done.append(count)
            if sum(done) == 10:
                os.kill(processes[0], signal.SIGKILL)

        workers = Workers(scheduler=cluster.scheduler_address)
        shared = measure_files(files, tmp_path / "shared.csv", workers, kill_one)
        assert processes[0] not in client.run(os.getpid).values()
    assert shared == alone
    assert (tmp_path / "shared.csv").read_bytes() == (tmp_path / "alone.csv").read_bytes()


@pytest.mark.sweep
def test_a_killed_program_goes_on(tmp_path):
    """Two processes share the work; the program is killed when the first parts are there."""
    files = corpus(tmp_path / "noise", [24_000] * 150)
    manifest, path = tmp_path / "m.csv", tmp_path / "t.csv"
    save_manifest(files, manifest)
    code = (
        "from reference_models.corpus import table_parts; table_parts.PART_SECONDS = 0.05;"
        "from reference_models.cli.main import main; import sys; sys.exit(main(sys.argv[1:]))"
    )
    arguments = ["data", "measure", str(manifest), "--table", str(path), "--jobs", "2"]
    command = [sys.executable, "-c", code, *arguments]
    process = subprocess.Popen(command, start_new_session=True)
    while process.poll() is None and len(list(tmp_path.glob(".t.csv.parts/*.csv"))) < 3:
        time.sleep(0.01)
    os.killpg(process.pid, signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL and not path.exists()
    known = set(table_parts.load_with_parts(path, MEASUREMENTS))
    assert 0 < len(known) < 150
    subprocess.run(command, check=True)
    lines = path.read_text().splitlines()
    assert [line.split(",")[0] for line in lines[1:]] == [e.uid for e in files.entries]
