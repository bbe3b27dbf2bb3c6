"""Files get their class; tables of classes are extended, and do not mix classifiers."""

from __future__ import annotations

from functools import partial

import pytest
import soundfile

from lrac_audit.errors import InputError
from reference_models.corpus.extending import extend_table
from reference_models.corpus.noise_classes.clap import load_classifier
from reference_models.corpus.noise_classes.classification import classification_rows
from reference_models.corpus.noise_classes.classifying import classify, classify_by
from reference_models.corpus.noise_classes.ontology import SHIPPED, load_ontology
from reference_models.corpus.table import load_table
from reference_models.data.manifest import Entry, Manifest
from reference_models.parallel.mapping import HERE, Workers
from tests.synthetic_noise import MAKERS, noise

ONTOLOGY = load_ontology(SHIPPED)
RATE_HZ = 24_000


def noises(folder, count: int) -> Manifest:
    """Noises of each class in turn, 3 s in two channels; the name begins with the class."""
    folder.mkdir()
    entries = []
    for number in range(count):
        name = list(MAKERS)[number % len(MAKERS)]
        path = folder / f"{name}-{number}.wav"
        samples = noise(name, 500 + number, 3, RATE_HZ)
        soundfile.write(path, samples[:, None] * [1, 0.5], RATE_HZ, "FLOAT")
        entries.append(Entry(path.stem, path, None, 3.0, RATE_HZ))
    return Manifest("noises", tuple(entries))


def ignored(done: int) -> None:
    pass


@pytest.fixture
def classifier(clap):
    return load_classifier(str(clap), ONTOLOGY)


def extended(manifest, path, classifier, work=None, workers=HERE, advance=ignored):
    kind = classification_rows(ONTOLOGY.class_names, classifier.fingerprint)
    work = work or partial(classify, classifier)
    return extend_table(manifest, path, kind, work, workers, advance)


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_files_get_their_class_and_every_score_once(classifier, tmp_path, suffix):
    if suffix == "parquet":
        pytest.importorskip("pyarrow")
    manifest = noises(tmp_path / "noise", 5)
    path = tmp_path / f"t.{suffix}"
    seen = []

    def noted(entry):
        seen.append(entry.uid)
        return classify(classifier, entry)

    first = extended(Manifest("m", manifest.entries[3:]), path, classifier, noted)
    every = extended(manifest, path, classifier, noted)
    assert len(seen) == len(set(seen)) == 5 and every[3:] == first
    assert [row.noise_class for row in every] == [row.uid.split("-")[0] for row in every]
    for row in every:
        assert sum(row.scores) == pytest.approx(1, abs=1e-5)
        assert row.confidence == max(row.scores) > 0.3
        best = ONTOLOGY.class_names[row.scores.index(row.confidence)]
        assert row.noise_class == best
    kind = classification_rows(ONTOLOGY.class_names)
    assert list(load_table(path, kind).values()) == every
    without = load_table(path, classification_rows())
    assert [row.noise_class for row in without.values()] == [row.noise_class for row in every]


def test_what_cannot_be_read_is_named_and_tried_again(classifier, tmp_path):
    manifest = noises(tmp_path / "noise", 2)
    good = manifest.entries[1].path.read_bytes()
    manifest.entries[1].path.write_bytes(b"no audio")
    rows = extended(manifest, tmp_path / "t.csv", classifier)
    assert f"{manifest.entries[1].path}: given a file that libsndfile cannot" in rows[1].error
    assert (rows[1].noise_class, rows[1].scores, rows[0].error) == (None, (), "")
    manifest.entries[1].path.write_bytes(good)
    rows = extended(manifest, tmp_path / "t.csv", classifier)
    assert rows[1].noise_class == "wind" and not rows[1].error


def test_a_table_of_another_classifier_is_refused(classifier, tmp_path):
    manifest, path = noises(tmp_path / "noise", 1), tmp_path / "t.csv"
    extended(manifest, path, classifier)
    before = path.read_bytes()
    other = classifier._replace(fingerprint="another")
    with pytest.raises(InputError, match=r"electric_noise-0, classifier: given .*; allowed: 'ano"):
        extended(manifest, path, other)
    fewer = classification_rows(["speech", "clouds"], classifier.fingerprint)
    with pytest.raises(InputError, match=r"t.csv: header: given .*score_clouds"):
        extend_table(manifest, path, fewer, partial(classify, classifier), HERE, ignored)
    assert path.read_bytes() == before


@pytest.mark.sweep
def test_a_cluster_classifies_as_one_process(clap, classifier, tmp_path):
    """Workers load the model themselves; that one may die is tested where files are measured."""
    distributed = pytest.importorskip("distributed")
    manifest = noises(tmp_path / "noise", 10)
    alone = extended(manifest, tmp_path / "alone.csv", classifier)
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=""
    ) as cluster:
        workers = Workers(scheduler=cluster.scheduler_address)
        work = classify_by(workers, classifier, str(clap), ONTOLOGY)
        shared = extended(manifest, tmp_path / "shared.csv", classifier, work, workers)
    assert shared == alone
    assert (tmp_path / "shared.csv").read_bytes() == (tmp_path / "alone.csv").read_bytes()
