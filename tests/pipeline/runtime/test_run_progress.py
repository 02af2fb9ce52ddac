"""How far a run is, by a clock that is given."""

from dataclasses import dataclass

import pytest

from photodrag.pipeline.runtime.run_progress import RunProgress

STAGES = (("pivot", 40), ("tune", 60), ("guide", 5), ("composite", 1))
SECONDS = {"pivot": 0.35, "tune": 0.5, "guide": 0.2, "drag": 0.03, "composite": 1.0}


@dataclass(frozen=True)
class Step:
    stage: str
    index: int
    total: int
    distance: float | None = None


class Clock:
    now = 100.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def progress(clock):
    return RunProgress(clock)


def work(clock, stages=STAGES, pace=1.0, ends=()):
    """Steps that take so many times the usual; `ends` are those after which a stage has ended."""
    for stage, total in stages:
        for index in range(1, total + 1):
            clock.now += pace * SECONDS[stage]
            yield Step(stage, index, total)
            if (stage, index) in ends:
                break


@pytest.mark.parametrize("pace", [0.01, 1, 30])
def test_the_fraction_is_that_of_the_seconds(progress, clock, pace):
    whole = sum(SECONDS[stage] * steps for stage, steps in STAGES)
    begin, found = clock.now, []
    for _ in progress.follow(work(clock, pace=pace), lambda: STAGES):
        found.append((progress.fraction, (clock.now - begin) / (whole * pace)))
    fractions, truth = zip(*found, strict=True)
    assert fractions == pytest.approx(truth, abs=0.02)
    assert fractions[-1] == progress.fraction == 1.0
    assert progress.seconds_left == 0


@pytest.mark.parametrize("ends", [[("pivot", 3)], [("guide", 1)], [("tune", 1), ("guide", 2)]])
def test_it_never_goes_backwards_and_ends_at_one(progress, clock, ends):
    fractions = [0.0]
    for _ in progress.follow(work(clock, ends=ends), lambda: STAGES):
        fractions.append(progress.fraction)
    assert fractions == sorted(fractions)
    assert progress.fraction == 1.0


def test_it_never_goes_backwards_where_more_is_to_be_done_than_was_expected(progress, clock):
    stages = (("guide", 5), ("drag", 60), ("composite", 1))
    fractions = []
    for step in progress.follow(work(clock, stages), lambda: (stages[0], stages[2])):
        fractions.append((step.stage, progress.fraction))
    assert [one for _, one in fractions] == sorted(one for _, one in fractions)
    assert all(one < 1 for stage, one in fractions if stage == "drag")


def test_what_was_not_finished_is_not_one(progress, clock):
    for step in progress.follow(work(clock), lambda: STAGES):
        if step.stage == "tune":
            break
    assert 0.2 < progress.fraction < 0.5


def test_it_begins_anew_with_every_loop(progress, clock):
    list(progress.follow(work(clock), lambda: STAGES))
    steps = progress.follow(work(clock), lambda: STAGES)
    next(steps)
    assert 0 < progress.fraction < 0.1


def test_time_between_the_steps_does_not_count(progress, clock):
    found = []
    for pause in (0, 1000):
        values = []
        for _ in progress.follow(work(clock), lambda: STAGES):
            values += [progress.fraction, progress.seconds_left]
            clock.now += pause
        found.append(values)
    assert found[0] == pytest.approx(found[1], abs=1e-6)


def test_a_drag_is_as_far_as_its_points(progress, clock):
    stages = (("drag", 100), ("composite", 1))
    progress.step(Step("drag", 1, 100, 50.0), stages)
    clock.now += 1
    progress.step(Step("drag", 2, 100, 5.0), stages)
    assert progress.stage_fraction == pytest.approx(0.9)
    progress.step(Step("drag", 3, 100, 20.0), stages)
    assert progress.stage_fraction == pytest.approx(0.6)
    progress.step(Step("drag", 1, 100, 0.0), stages)
    assert progress.stage_fraction == 1.0


def test_the_work_ends_at_once_where_the_loop_is_left(progress):
    ended = []

    def steps():
        try:
            yield Step("tune", 1, 2)
        finally:
            ended.append(True)

    loop = progress.follow(steps(), lambda: (("tune", 2),))
    next(loop)
    loop.close()
    assert ended == [True]
    assert progress.fraction < 1
