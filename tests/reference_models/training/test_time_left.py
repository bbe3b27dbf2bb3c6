"""The estimate of the time left, by hand and with a clock that is set."""

import pytest

from reference_models.training.time_left import TimeLeft, duration


def test_steps_left_at_the_pace_so_far():
    """Epochs of 4 steps, of which the first is resumed after one. Two steps in 10 s, of which one
    was waited for: 5 s each. 4 x 3 - 1 - 2 = 9 steps are left: 45 s. After a validation of 20 s and
    a third step and a fourth of 5 s each, it is 40 s in 4 steps for 7 that are left: 70 s."""
    now = [100.0]
    left = TimeLeft(3, lambda: now[0])
    assert left.seconds is None and left.phrase(", ") == ""
    left.epoch_begins(0, 4, 1)
    assert left.phrase(", ") == ""
    for now[0] in (104.0, 110.0):
        left.stepped(None)
    assert left.seconds == pytest.approx(45) and left.phrase(", ") == ", 45 s left"
    now[0] = 115.0
    left.stepped(None)
    now[0] = 135.0
    left.epoch_begins(1, 4, 0)
    now[0] = 140.0
    left.stepped(None)
    assert left.seconds == pytest.approx(70)


def test_nothing_is_left_after_the_last_step():
    left = TimeLeft(1, iter(range(100)).__next__)
    left.epoch_begins(0, 1, 0)
    left.stepped(None)
    assert left.phrase("; ") == ""


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (0.4, "0 s"),
        (59.4, "59 s"),
        (61, "1 min"),
        (3569, "59 min"),
        (3600, "1 h 0 min"),
        (11_520, "3 h 12 min"),
        (86_399, "1 d 0 h"),
        (190_000, "2 d 4 h"),
    ],
)
def test_durations(seconds, expected):
    """11,520 s = 3 x 3600 + 12 x 60; 190,000 s = 2 x 86,400 + 4.78 x 3600."""
    assert duration(seconds) == expected
