"""Which entries are kept and which are held out."""

from collections import Counter
from pathlib import Path

import pytest

from lrac_audit.errors import InputError
from reference_models.data.curation import (
    Names,
    hold_out,
    listed,
    load_list,
    split_speakers,
    within_durations,
)
from reference_models.data.manifest import Entry, Labels, Manifest


def manifest(*entries):
    made = [
        Entry(uid, Path("/d") / f"{uid}.wav", speaker, s, 24_000) for uid, speaker, s in entries
    ]
    return Manifest("all", tuple(made))


def uids(found):
    return [entry.uid for entry in found.entries]


LENGTHS = manifest(("a", None, 2.9), ("b", None, 2.9001), ("c", None, 239.9), ("d", None, 240.0))


def test_durations_are_limits_that_are_not_reached():
    assert uids(within_durations(LENGTHS, 2.9, 240)) == ["b", "c"]
    with pytest.raises(InputError, match="no entries; allowed: at least one entry between 300 and"):
        within_durations(LENGTHS, 300, 400)


@pytest.mark.parametrize(
    ("name", "text", "uids_", "filenames"),
    [
        ("l.csv", "uid,filename\na,x.wav\nb,d/y.wav\n", {"a", "b"}, {"x.wav", "y.wav"}),
        ("l.csv", "filename,speaker_id\r\na.wav,1\r\nb.wav,2\r\n", set(), {"a.wav", "b.wav"}),
        ("l.csv", "source_id\na\nb\n", {"a", "b"}, set()),
        ("l.txt", "a d/a b.wav\n\nb\n", {"a", "b"}, {"a b.wav"}),
    ],
)
def test_lists_of_uids_and_filenames(tmp_path, name, text, uids_, filenames):
    (tmp_path / name).write_text(text, newline="")
    assert load_list(tmp_path / name) == Names(
        str(tmp_path / name), frozenset(uids_), frozenset(filenames)
    )


@pytest.mark.parametrize(
    ("name", "text"), [("l.csv", "x,y\n1,2\n"), ("l.txt", "\n"), ("l.csv", "")]
)
def test_lists_without_names(tmp_path, name, text):
    (tmp_path / name).write_text(text)
    with pytest.raises(InputError, match=r"no names"):
        load_list(tmp_path / name)


def test_names_may_be_the_uid_its_last_part_or_the_file():
    entries = (
        Entry("s/one", Path("/d/s/one.flac"), None, 5, 24_000),
        Entry("s/two", Path("/d/s/two.flac"), None, 5, 24_000),
        Entry("three", Path("/d/3.wav"), None, 5, 24_000),
        Entry("four", Path("/d/4.wav"), None, 5, 24_000),
    )
    everything = Manifest("m", entries)
    for names in (
        Names(
            "list.txt", frozenset(["s/one", "three"]), frozenset(["two.flac"])
        ),  # a uid comes first
        Names("list.txt", frozenset(["one", "three"]), frozenset()),
        Names("list.txt", frozenset(["unknown"]), frozenset(["one.flac", "3.wav"])),
        Names("list.txt", frozenset(), frozenset(["one", "3"])),
    ):
        assert uids(listed(everything, names)) == ["s/one", "three"]
        assert uids(listed(everything, names, exclude=True)) == ["s/two", "four"]
    nobody = Names("list.txt", frozenset(["nobody"]), frozenset(["nobody.wav"]))
    for exclude in (False, True):
        with pytest.raises(InputError) as error:
            listed(everything, nobody, exclude)
        assert str(error.value) == (
            "list.txt: given names of which none is in m, such as 'nobody'; "
            "allowed: uids or filenames of its entries, such as 's/one' or 'one.flac'"
        )
    with pytest.raises(InputError, match=r"^list.txt: given the names of all 4 entries of m;"):
        listed(
            everything, Names("list.txt", frozenset(uids(everything)), frozenset()), exclude=True
        )


def test_the_2026_edition_is_named_without_its_data_sets():
    """Its names are those of the source after the data set, which may hold slashes too."""
    edition = manifest(("vctk:p1/a", "p1", 5), ("vctk:b", "p1", 5), ("ears:c", "p2", 5))
    names = Names("list.csv", frozenset(["p1/a", "c"]), frozenset())
    assert uids(listed(edition, names)) == ["vctk:p1/a", "ears:c"]


def test_held_out_noise_leaves_training_unless_it_shall_stay():
    names = Names("list.txt", frozenset(["b", "d"]), frozenset())
    assert [uids(part) for part in hold_out(LENGTHS, names)] == [["a", "c"], ["b", "d"]]
    assert [uids(part) for part in hold_out(LENGTHS, names, True)] == [list("abcd"), ["b", "d"]]


def speakers(counts):
    return manifest(*((f"{s}-{i}", s, 5.0) for s, count in counts.items() for i in range(count)))


COUNTS = (
    {f"m{i}": 10 + i for i in range(6)} | {f"f{i}": 20 for i in range(6)} | {"m9": 51, "f9": 50}
)
GENDERS = {speaker: speaker[0] for speaker in COUNTS}


@pytest.mark.parametrize("seed", range(5))
def test_speakers_are_in_one_part_only_and_men_and_women_take_turns(seed):
    everything = speakers(COUNTS)
    parts = split_speakers(everything, GENDERS, 100, seed)
    found = [{entry.speaker for entry in part.entries} for part in parts]
    assert not found[0] & found[1] and found[0] | found[1] == set(COUNTS)
    assert len(parts.training.entries) + len(parts.validation.entries) == len(everything.entries)
    assert "m9" not in found[1]  # 51 utterances are too many
    by_gender = Counter(speaker[0] for speaker in found[1])
    assert by_gender["m"] - by_gender["f"] in (0, 1)
    counts = sorted(COUNTS[speaker] for speaker in found[1])
    assert sum(counts) >= 100 > sum(counts) - counts[-1]  # no speaker more than needed


def test_the_same_seed_gives_the_same_split_and_others_differ():
    splits = [split_speakers(speakers(COUNTS), GENDERS, 60, seed) for seed in (1, 1, 2, 3)]
    assert splits[0] == splits[1]
    assert len({frozenset(uids(one.validation)) for one in splits}) > 1


def test_without_genders_everybody_is_in_one_line():
    parts = split_speakers(speakers(COUNTS), {}, 100, 0)
    assert len(parts.validation.entries) >= 100


def test_when_one_gender_is_used_up_the_other_goes_on():
    counts = {"f0": 5, "m0": 5, "m1": 5, "m2": 5, "m3": 5}
    parts = split_speakers(speakers(counts), {s: s[0] for s in counts}, 20, 0)
    assert len(parts.validation.entries) == 20


def labelled(genders):
    """Return a manifest of two utterances of each speaker, labelled with what ``genders`` say."""
    plain = speakers(dict.fromkeys(genders, 2))
    entries = [e._replace(labels=Labels(gender=genders[e.speaker])) for e in plain.entries]
    return Manifest(plain.source, tuple(entries))


@pytest.mark.parametrize("seed", range(5))
def test_men_and_women_take_turns_by_the_labels_of_a_manifest(seed):
    genders = {f"m{i}": "m" for i in range(8)} | {"f0": "f", "f1": "f"} | {"u0": "", "u1": ""}
    found = split_speakers(labelled(genders), {}, 8, seed).validation
    assert Counter(entry.speaker[0] for entry in found.entries) == {"m": 4, "f": 4}
    # Those without a label come behind all others; annotations go before labels.
    found = split_speakers(labelled(genders), {}, 20, seed).validation
    assert Counter(entry.speaker[0] for entry in found.entries) == {"m": 16, "f": 4}
    annotated = dict.fromkeys(genders, "m") | {"u0": "f", "u1": "f"}
    found = split_speakers(labelled(genders), annotated, 8, seed).validation
    assert {"u0", "u1"} <= {entry.speaker for entry in found.entries}


def test_labels_that_contradict_each_other_are_named():
    first, second = (labelled({"a": gender, "b": "f"}).entries for gender in "mf")
    both = Manifest("speech.csv", (first[0], second[1], *first[2:]))
    with pytest.raises(InputError, match="gender of speaker 'a': given m and f; allowed: one"):
        split_speakers(both, {}, 1, 0)


def test_a_split_that_cannot_be():
    with pytest.raises(InputError, match=r"given no speaker for 4 entries; allowed: one for each"):
        split_speakers(LENGTHS, {}, 1, 0)
    with pytest.raises(InputError, match=r"none for 13 speakers, such as 'm1'"):
        split_speakers(speakers(COUNTS), {"m0": "m"}, 1, 0)
    with pytest.raises(InputError, match=r"given 245 utterances of 13 speakers .*at least 500"):
        split_speakers(speakers(COUNTS), GENDERS, 500, 0)
    with pytest.raises(InputError, match="at least one entry left for training"):
        split_speakers(speakers({"m0": 5, "f0": 5}), {}, 10, 0)
