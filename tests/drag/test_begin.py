"""A drag that goes on from where another one led."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from photodrag.checkpoints import Latent
from photodrag.drag import DEFAULTS, OFFICIAL, DragPoint, DragRun
from photodrag.errors import LatentError, PointError

SIZE = 64
POINTS = (DragPoint((30, 30), (36, 27)), DragPoint((20, 44), (16, 44)))
PLACES = tuple(point.handle for point in POINTS)
TEMPLATE = replace(DEFAULTS, max_steps=3, feature_resolution=32, learning_rate=0.01)
PUBLISHED = replace(OFFICIAL, max_steps=3, feature_resolution=32, patch_radius=24, search_radius=48)
EVERY = {
    "template": TEMPLATE,
    "official": PUBLISHED,
    "free": replace(TEMPLATE, method="free"),
    "template, vector": replace(TEMPLATE, tracking="vector"),
    "template, none": replace(TEMPLATE, tracking="none"),
    "template, dis": replace(TEMPLATE, tracking="dis"),
}
every = pytest.mark.parametrize("settings", EVERY.values(), ids=EVERY)


@pytest.fixture
def make_run(drag_generator, drag_latent):
    def make(begin, places=PLACES, settings=TEMPLATE, points=POINTS):
        return DragRun(
            drag_generator, drag_latent, points, settings, begin=begin, begin_places=places
        )

    return make


@pytest.fixture(scope="module")
def led(drag_generator, drag_latent):
    """A step on the way of another drag of the same points."""
    steps = list(DragRun(drag_generator, drag_latent, POINTS, replace(TEMPLATE, max_steps=12)))
    return steps[-1]


@pytest.fixture
def elsewhere(drag_generator, drag_latent):
    """The start, all of whose rows were moved a little."""
    away = drag_generator.sample(1).w - drag_latent.w
    return Latent(drag_latent.w + 0.02 * away, drag_latent.generator)


@every
def test_the_first_step_is_where_it_begins(make_run, led, settings):
    first = next(iter(make_run(led.latent, led.positions, settings)))
    assert torch.equal(first.latent.w, led.latent.w)


@every
def test_the_latents_given_are_left_alone(make_run, led, drag_latent, settings):
    kept = led.latent.w.clone(), drag_latent.w.clone()
    steps = list(make_run(led.latent, led.positions, settings))
    assert torch.equal(led.latent.w, kept[0])
    assert torch.equal(drag_latent.w, kept[1])
    assert not torch.equal(steps[-1].latent.w, led.latent.w)


def test_rows_that_do_not_move_are_those_of_its_beginning(make_run, elsewhere, drag_generator):
    rows = drag_generator.geometry_rows
    steps = list(make_run(elsewhere))
    for step in steps:
        assert torch.equal(step.latent.w[rows:], elsewhere.w[rows:])
    assert not torch.equal(steps[-1].latent.w[:rows], elsewhere.w[:rows])


def test_points_are_where_the_other_drag_had_them(make_run, led):
    first = next(iter(make_run(led.latent, led.positions)))
    np.testing.assert_allclose(first.positions, led.positions, atol=0.1)
    assert max(led.distances) > 1
    np.testing.assert_allclose(first.distances, led.distances, atol=0.1)


def test_places_told_wrong_are_found_by_how_the_handles_looked(make_run, drag_latent):
    """Nothing moved: they are still at the handles, and not where they are said to be."""
    begin = Latent(drag_latent.w.clone(), drag_latent.generator)
    beside = [(x + 2, y - 1) for x, y in PLACES]  # the tracker's grid, of half a feature
    first = next(iter(make_run(begin, beside)))
    np.testing.assert_allclose(first.positions, PLACES, atol=0.2)


def test_dead_reckoning_goes_on_from_the_places_told(make_run, led):
    settings = EVERY["template, none"]
    beside = [(x + 3, y - 2) for x, y in PLACES]
    first = next(iter(make_run(led.latent, beside, settings)))
    np.testing.assert_allclose(first.positions, beside, atol=0.2)


def test_the_published_code_has_whole_pixels(make_run, led):
    first = next(iter(make_run(led.latent, [(29.6, 30.4), (19.7, 44.2)], PUBLISHED)))
    assert all(value == round(value) for place in first.positions for value in place)


def test_it_goes_on_to_the_targets(make_run, led):
    run = make_run(led.latent, led.positions, replace(TEMPLATE, max_steps=60))
    list(run)
    assert run.best.mean_distance < 0.6 * np.mean(led.distances)


def test_freedrag_goes_on_along_lines_from_there(make_run, led):
    """And never back to where the handles were."""
    settings = replace(EVERY["free"], max_steps=90, patience=0)
    steps = list(make_run(led.latent, led.positions, settings))
    assert steps[0].positions == pytest.approx(np.array(led.positions), abs=1e-4)
    assert all(step.mean_distance < np.mean(led.distances) + 0.01 for step in steps)
    assert steps[-1].mean_distance < 0.9 * np.mean(led.distances)


@every
def test_a_point_that_is_there_already_stays(make_run, led, settings):
    there = [point.target for point in POINTS]
    steps = list(make_run(led.latent, there, settings))
    assert np.isfinite([step.distances for step in steps]).all()
    assert all(torch.isfinite(step.latent.w).all() for step in steps)


def test_without_places_the_handles_are_where_they_were(drag_generator, drag_latent, elsewhere):
    run = DragRun(drag_generator, drag_latent, POINTS, TEMPLATE, begin=elsewhere)
    told = DragRun(
        drag_generator, drag_latent, POINTS, TEMPLATE, begin=elsewhere, begin_places=PLACES
    )
    assert [step.positions for step in run] == [step.positions for step in told]


def test_the_prior_holds_to_the_start_and_not_to_where_it_begins(
    make_run, led, drag_generator, drag_latent
):
    whiten, rows = drag_generator.w_statistics.whiten, drag_generator.geometry_rows
    strong = replace(TEMPLATE, prior=1e6, max_steps=4, learning_rate=1e-3)
    away = [
        float((whiten(step.latent.w[:rows]) - whiten(drag_latent.w[:rows])).square().mean())
        for step in make_run(led.latent, led.positions, strong)
    ]
    assert away == sorted(away, reverse=True)
    assert away[-1] < 0.99 * away[0]


def test_going_through_it_again_begins_anew(make_run, led):
    run = make_run(led.latent, led.positions)
    first, second = list(run), list(run)
    assert [step.positions for step in first] == [step.positions for step in second]
    assert torch.equal(first[-1].latent.w, second[-1].latent.w)


def test_a_beginning_of_another_shape_is_refused(make_run):
    with pytest.raises(LatentError):
        make_run(Latent(torch.zeros(2, 2), "other"))


@pytest.mark.parametrize("places", [PLACES[:1], (*PLACES, (1.0, 1.0)), ()])
def test_each_point_needs_a_place(make_run, led, places):
    with pytest.raises(PointError, match=f"{len(places)} .*2 points"):
        make_run(led.latent, places)


def test_places_without_a_beginning_are_refused(make_run):
    with pytest.raises(PointError, match="begin"):
        make_run(None)


def test_a_beginning_at_the_start_itself_heeds_its_places(make_run, drag_latent):
    settings = EVERY["template, none"]
    beside = [(x + 3, y - 2) for x, y in PLACES]
    first = next(iter(make_run(drag_latent, beside, settings)))
    np.testing.assert_allclose(first.positions, beside, atol=0.2)
