"""The time that is left, from times that are given."""

import pytest

from photodrag.pipeline.runtime.time_left import TimeLeft, after, as_text, usual_seconds

STAGES = (("pivot", 40), ("tune", 60), ("guide", 5), ("composite", 1))
SECONDS = {"pivot": 0.35, "tune": 0.5, "guide": 0.2, "composite": 1.0}


def left_at_each_step(factors, stages=STAGES):
    """The estimates of a run whose steps take so many times the usual, and what was really left."""
    now, estimates, ends = 100.0, [], []
    remaining = TimeLeft(now)
    for stage, steps in stages:
        for index in range(1, steps + 1):
            now += SECONDS[stage] * factors[stage]
            ahead = after(stages, stage)
            estimates.append(remaining.step(now, stage, index / steps, steps, ahead))
            ends.append(now)
    return estimates, [now - end for end in ends]


@pytest.mark.parametrize("pace", [1, 0.1, 7])
def test_a_run_as_usual_is_foretold_at_any_pace(pace):
    estimates, truth = left_at_each_step(dict.fromkeys(SECONDS, pace))
    assert estimates == pytest.approx(truth, abs=1e-6)


def test_a_stage_tells_of_itself_whatever_came_before():
    estimates, truth = left_at_each_step({"pivot": 1, "tune": 5, "guide": 1, "composite": 1})
    assert estimates[70] == pytest.approx(truth[70], rel=0.1)
    assert estimates[-1] == 0


def test_nothing_is_said_before_anything_is_known():
    assert TimeLeft(0.0).step(1.0, "drag", 0.0, 200) is None


def test_what_takes_no_time_tells_nothing_of_the_pace():
    left = TimeLeft(0.0).step(1e-6, "cached", 1.0, 1, [("guide", 5), ("composite", 1)])
    assert left == pytest.approx(2.0)


def test_an_unknown_stage_counts_by_itself():
    assert TimeLeft(0.0).step(10.0, "download", 0.25, 1000) == pytest.approx(30)


def test_stages_have_a_usual_time():
    assert usual_seconds([("tune", 60), ("composite", 1)]) == pytest.approx(31)
    assert usual_seconds([("drag", 200)]) == usual_seconds([("drag", 60)])
    assert usual_seconds(()) == 0


def test_what_comes_after_a_stage():
    assert after(STAGES, "tune") == STAGES[2:]
    assert after(STAGES, "drag") == STAGES[-1:]
    assert after((), "drag") == ()


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.4, "0 s"), (59.4, "59 s"), (125, "2:05"), (3720, "1:02:00")]
)
def test_time_as_text(seconds, text):
    assert as_text(seconds) == text
