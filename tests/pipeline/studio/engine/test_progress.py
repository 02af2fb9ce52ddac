"""How far a job is."""

import pytest

from photodrag.pipeline.edit.values import EditStep
from photodrag.pipeline.studio.engine.progress import StageProgress

STAGES = (("pivot", 4), ("tune", 2))


class Clock:
    now = 100.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


def step(stage, index, total, **values):
    return EditStep(stage, index, total, latent=None, **values)


def test_the_share_goes_to_1_and_the_time_left_to_0(clock):
    pace = StageProgress(lambda: STAGES, clock)
    told = []
    for stage, total in STAGES:
        for index in range(1, total + 1):
            clock.now += 2.0
            told.append(pace.progress(step(stage, index, total, loss=0.5)))
            pace.resume()
    shares = [one.share for one in told]
    assert shares == sorted(shares)
    assert 0 < shares[0] < 0.3
    assert (shares[-1], told[-1].remaining) == (1.0, 0.0)
    assert told[0].remaining > 6
    assert (told[0].stage, told[0].index, told[0].total, told[0].loss) == ("pivot", 1, 4, 0.5)


def test_standing_still_does_not_count(clock):
    pace = StageProgress(lambda: STAGES, clock)
    clock.now += 2.0
    first = pace.progress(step("pivot", 1, 4))
    clock.now += 1000.0
    pace.resume()
    clock.now += 2.0
    second = pace.progress(step("pivot", 2, 4))
    assert second.remaining < first.remaining


def test_a_drag_that_ends_early_is_as_far_as_its_points(clock):
    pace = StageProgress(lambda: (("drag", 100), ("composite", 1)), clock)
    clock.now += 1.0
    pace.progress(step("drag", 1, 100, distance=50.0))
    clock.now += 1.0
    far = pace.progress(step("drag", 2, 100, distance=5.0))
    assert far.share > 0.5


def test_the_edits_own_points_are_told_with_their_distances(clock):
    pace = StageProgress(lambda: STAGES)
    positions = ((3.0, 4.0), (10.0, 0.0), (7.0, 7.0))  # the last one is an adjustment's
    told = pace.progress(
        step("guide", 1, 5, distance=5.0, positions=positions), targets=[(0.0, 0.0), (10.0, 2.0)]
    )
    assert told.handles == positions[:2]
    assert told.distances == (5.0, 2.0)
