import math
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
import torch

from photodrag.checkpoints import Latent, Window, WindowMaps
from photodrag.drag import DEFAULTS, OFFICIAL, DragPoint, DragRun
from photodrag.drag.features import handle_maps
from photodrag.drag.interfaces import Task, View
from photodrag.drag.tracking.features import PatchTracker
from photodrag.errors import LatentError, MaskError, PointError, SettingsError

POINT = DragPoint((30, 30), (36, 27))
SIZE = 64
TEMPLATE = replace(DEFAULTS, max_steps=4, feature_resolution=32, learning_rate=0.01)
# The preset's radii are for 512 px; at 64 px nothing of them would be left.
PUBLISHED = replace(OFFICIAL, max_steps=4, feature_resolution=32, patch_radius=24, search_radius=48)
both = pytest.mark.parametrize("settings", [TEMPLATE, PUBLISHED], ids=["template", "official"])
EVERY = {
    "template": TEMPLATE,
    "official": PUBLISHED,
    "free": replace(TEMPLATE, method="free"),
    **{
        f"template, {tracking}": replace(TEMPLATE, tracking=tracking)
        for tracking in ("vector", "none", "lucas-kanade", "dis")
    },
    **{
        f"official, {tracking}": replace(PUBLISHED, tracking=tracking)
        for tracking in ("patch", "none", "dis")
    },
}
every = pytest.mark.parametrize("settings", EVERY.values(), ids=EVERY)


@pytest.fixture
def make_run(drag_generator, drag_latent):
    def make(settings=TEMPLATE, points=(POINT,), mask=None, latent=drag_latent):
        return DragRun(drag_generator, latent, points, settings, mask)

    return make


def half_mask():
    mask = np.zeros((SIZE, SIZE), bool)
    mask[:, 20:] = True
    return mask


@every
def test_run_yields_numbered_steps(make_run, settings):
    run = make_run(settings)
    steps = list(run)
    assert len(run) == 4
    assert [(step.stage, step.index, step.total) for step in steps] == [
        ("drag", i, 4) for i in (1, 2, 3, 4)
    ]
    assert not any(step.arrived for step in steps)
    for step in steps:
        assert step.distance == max(step.distances)
        places, aims = np.array(step.positions), np.array([POINT.target])
        np.testing.assert_allclose(step.distances, np.linalg.norm(places - aims, axis=1), rtol=1e-5)


@every
def test_first_step_is_the_start(make_run, drag_latent, settings):
    first = next(iter(make_run(settings)))
    torch.testing.assert_close(first.latent.w, drag_latent.w, rtol=0, atol=0)
    assert first.positions == (POINT.handle,)
    assert first.distance == pytest.approx(45**0.5)


@every
def test_every_step_moves_the_first_rows_only(make_run, drag_generator, settings):
    steps = list(make_run(settings))
    rows = drag_generator.geometry_rows
    for before, after in pairwise(steps):
        moved = (after.latent.w - before.latent.w).abs().amax(dim=1)
        assert (moved[:rows] > 0).all()
        assert (moved[rows:] == 0).all()


def test_rows_can_be_chosen(make_run):
    steps = list(make_run(replace(TEMPLATE, rows=2)))
    moved = (steps[-1].latent.w - steps[0].latent.w).abs().amax(dim=1)
    assert (moved[:2] > 0).all()
    assert (moved[2:] == 0).all()


@pytest.mark.parametrize("seed", [0, 1, 5])
def test_the_point_comes_nearer_by_half_and_more(make_run, drag_generator, seed):
    settings = replace(TEMPLATE, max_steps=60)
    steps = list(make_run(settings, latent=drag_generator.sample(seed)))
    assert steps[-1].distance < 0.5 * steps[0].distance
    assert len(steps) <= len(make_run(settings))


@pytest.mark.parametrize("name", [name for name in EVERY if name.startswith("template, ")])
def test_any_tracking_brings_the_point_nearer(make_run, drag_generator, name):
    """As the patch of the first step finds it, whatever the tracker says."""
    run = make_run(replace(EVERY[name], max_steps=60, patience=20))
    steps = list(run)
    judge = PatchTracker(Task(TEMPLATE, drag_generator, 32, None))
    windows, handles = [Window(0, 0, 32, 32)], torch.tensor([POINT.handle])
    start, end = (
        View(latent.w, handle_maps(WindowMaps.of_whole(whole, windows), windows), whole)
        for latent in (steps[0].latent, run.best.latent)
        for whole in [drag_generator.features(latent, 32)]
    )
    found = judge.track(end, judge.begin(start, handles, handles), handles)
    assert (found - torch.tensor([POINT.target])).norm() < 0.7 * steps[0].distance


def test_dead_reckoning_settles_before_it_has_arrived(make_run):
    pace = 64 / 512
    steps = list(make_run(replace(EVERY["template, none"], max_steps=100, patience=9)))
    on_the_way = math.ceil((steps[0].distance - 64 / 512 * 0.5) / pace)
    assert len(steps) == 1 + on_the_way + 9
    assert [step.arrived for step in steps] == [False] * (len(steps) - 1) + [True]


def test_several_points_come_nearer(make_run):
    points = (DragPoint((20, 30), (16, 28)), DragPoint((44, 30), (48, 32)))
    steps = list(make_run(replace(TEMPLATE, max_steps=60), points))
    assert len(steps[-1].positions) == 2
    assert sum(steps[-1].distances) < 0.5 * sum(steps[0].distances)


def test_run_ends_where_all_points_arrived(make_run):
    settings = replace(TEMPLATE, max_steps=100, stop_distance=16.0)  # 2 px of 64
    steps = list(make_run(settings))
    assert 1 < len(steps) < 100
    assert steps[-1].arrived
    assert steps[-1].distance <= 2
    assert all(not step.arrived and step.distance > 2 for step in steps[:-1])


@pytest.mark.parametrize("steps", [1, 3])
def test_run_ends_after_its_steps(make_run, steps):
    assert len(list(make_run(replace(TEMPLATE, max_steps=steps)))) == steps


def test_leaving_the_loop_ends_the_work(make_run, drag_generator, monkeypatch):
    painted = []
    windows = type(drag_generator).windows_w

    def counted(self, w, resolution, *rest):
        painted.append(resolution)
        return windows(self, w, resolution, *rest)

    monkeypatch.setattr(type(drag_generator), "windows_w", counted)
    for step in make_run(replace(TEMPLATE, max_steps=50)):
        if step.index == 2:
            break
    assert len(painted) == 2


@every
@pytest.mark.parametrize("mask", [None, half_mask()], ids=["whole", "masked"])
def test_same_drag_twice_gives_the_same(make_run, settings, mask):
    run = make_run(settings, mask=mask)
    first, again = list(run), list(run)
    for one, other in zip(first, again, strict=True):
        torch.testing.assert_close(one.latent.w, other.latent.w, rtol=0, atol=0)
        assert one.positions == other.positions


@every
def test_inputs_are_left_alone(make_run, drag_generator, drag_latent, settings):
    kept, mask = drag_latent.w.clone(), half_mask()
    weights = {n: t.clone() for n, t in drag_generator.synthesis.state_dict().items()}
    list(make_run(settings, mask=mask))
    torch.testing.assert_close(drag_latent.w, kept, rtol=0, atol=0)
    np.testing.assert_array_equal(mask, half_mask())
    for name, tensor in drag_generator.synthesis.state_dict().items():
        torch.testing.assert_close(tensor, weights[name], rtol=0, atol=0)


@every
@pytest.mark.parametrize("enabled", [True, False])
def test_grad_mode_is_the_callers(make_run, settings, enabled):
    expected = [step.latent.w for step in make_run(settings)]
    with torch.set_grad_enabled(enabled):
        found = []
        for step in make_run(settings):
            assert torch.is_grad_enabled() is enabled
            assert not step.latent.w.requires_grad
            found.append(step.latent.w)
        assert torch.is_grad_enabled() is enabled
    torch.testing.assert_close(torch.stack(found), torch.stack(expected), rtol=0, atol=0)


@both
def test_earlier_steps_stay_as_they_were(make_run, settings):
    steps, kept = [], []
    for step in make_run(settings):
        steps.append(step)
        kept.append(step.latent.w.clone())
    for step, w in zip(steps, kept, strict=True):
        torch.testing.assert_close(step.latent.w, w, rtol=0, atol=0)


def outside_change(generator, steps, mask):
    before, after = (generator.features(s.latent, 32) for s in (steps[0], steps[-1]))
    fixed = torch.from_numpy(~mask)[None, None].float()
    fixed = torch.nn.functional.interpolate(fixed, (32, 32), mode="area") == 1
    return float(((after - before).abs() * fixed).sum() / fixed.sum())


def test_mask_holds_what_it_keeps(make_run, drag_generator):
    settings = replace(TEMPLATE, max_steps=30, patience=0)
    mask = half_mask()
    free, held = (list(make_run(settings, mask=m)) for m in (None, mask))
    assert outside_change(drag_generator, held, mask) < 0.7 * outside_change(
        drag_generator, free, mask
    )


@pytest.mark.parametrize("name", ["handle", "target"])
@pytest.mark.parametrize("place", [(-1, 5), (5, -0.6), (64, 5), (5, 63.6)])
def test_point_outside_the_image_is_refused(make_run, name, place):
    other = (20.0, 20.0)
    point = DragPoint(place, other) if name == "handle" else DragPoint(other, place)
    with pytest.raises(PointError, match=rf"{name} \({place[0]}, {place[1]}\).*64x64"):
        make_run(points=(POINT, point))


def test_run_without_points_is_refused(make_run):
    with pytest.raises(PointError, match="no point"):
        make_run(points=())


@pytest.mark.parametrize("shape", [(32, 32), (64, 63), (64, 64, 1)])
def test_mask_of_another_size_is_refused(make_run, shape):
    with pytest.raises(MaskError, match=rf"\({shape[0]}, {shape[1]}.*\(64, 64\)"):
        make_run(mask=np.ones(shape, bool))


def test_empty_mask_is_refused(make_run):
    with pytest.raises(MaskError, match="empty"):
        make_run(mask=np.zeros((SIZE, SIZE), bool))


def test_feature_resolution_without_a_block_is_refused(make_run):
    with pytest.raises(SettingsError, match=r"48.*4, 8, 16, 32, 64"):
        make_run(replace(TEMPLATE, feature_resolution=48))


def test_small_generator_uses_its_last_block(make_run):
    large, last = (
        list(make_run(replace(TEMPLATE, feature_resolution=size)))[-1] for size in (256, 64)
    )
    torch.testing.assert_close(large.latent.w, last.latent.w, rtol=0, atol=0)


def test_best_step_is_the_nearest(make_run):
    run = make_run(replace(TEMPLATE, max_steps=40, learning_rate=0.1))  # it jumps about
    assert run.best is None
    steps = list(run)
    assert run.best in steps
    assert run.best.distance == min(step.distance for step in steps)


def test_slow_progress_is_progress(make_run):
    """Steps that each bring the point less than a hundredth nearer are not given up."""
    settings = replace(TEMPLATE, max_steps=60, learning_rate=5e-4, patience=20)
    steps = list(make_run(settings))
    nearer = [1 - after.distance / before.distance for before, after in pairwise(steps)]
    assert max(nearer) < 0.03
    assert len(steps) == 60


def test_run_without_progress_ends_early(make_run):
    settings = replace(TEMPLATE, max_steps=60, learning_rate=1e-9, patience=3)
    assert len(list(make_run(settings))) < 10
    assert len(list(make_run(replace(settings, max_steps=12, patience=0)))) == 12


def test_latent_of_another_generator_is_refused(make_run):
    with pytest.raises(LatentError, match="somebody"):
        make_run(latent=Latent(torch.zeros(3, 32), "somebody's"))


@every
@pytest.mark.parametrize("corner", [(0, 0), (63, 63), (-0.5, 63.5)])
def test_points_at_the_border_can_be_dragged(make_run, settings, corner):
    steps = list(make_run(settings, points=(DragPoint(corner, (30, 30)),)))
    assert len(steps) == 4
    assert all(torch.isfinite(step.latent.w).all() for step in steps)
    for step in steps:
        assert all(-0.5 <= v <= 63.5 for place in step.positions for v in place)


@pytest.mark.gpu
def test_drag_runs_on_a_gpu(drag_generator, drag_latent):
    if not torch.cuda.is_available():
        pytest.skip("no CUDA device")
    settings = replace(TEMPLATE, max_steps=60)
    steps = list(DragRun(drag_generator.to("cuda"), drag_latent, [POINT], settings, half_mask()))
    assert steps[-1].distance < 0.5 * steps[0].distance
