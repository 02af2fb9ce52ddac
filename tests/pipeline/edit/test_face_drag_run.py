"""Which points landmarks lead, which features, and how the one goes over into the other."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from photodrag.checkpoints import StyleGAN2Config, build_generator
from photodrag.drag import DEFAULTS as DRAG
from photodrag.drag import DragPoint, DragRun
from photodrag.errors import MaskError, PointError
from photodrag.pipeline.edit.face_drag_run import FaceDragRun
from photodrag.pipeline.edit.values import EditStep
from photodrag.pipeline.guide import painted_face
from photodrag.pipeline.guide import run as guide
from photodrag.pipeline.guide.drag_task import FaceDragTask
from photodrag.pipeline.guide.landmark_statistics import LandmarkStatistics
from photodrag.pipeline.settings import DEFAULTS

SIZE = 64
SETTINGS = replace(
    DEFAULTS, drag=replace(DRAG, max_steps=3, feature_resolution=32, learning_rate=0.01)
)
UNGUIDED = replace(SETTINGS, guide=replace(SETTINGS.guide, steps=0))


@pytest.fixture(scope="module")
def generator():
    config = StyleGAN2Config(
        resolution=SIZE, z_dim=32, w_dim=32, mapping_layers=2, channel_base=1024, channel_max=32
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return build_generator("tiny", config)


@pytest.fixture(scope="module")
def statistics():
    made = LandmarkStatistics(32)
    draw = torch.Generator().manual_seed(0)
    made.cross.copy_(0.02 * torch.randn(136, 32, generator=draw))
    return made


@pytest.fixture
def landmarks(face_marks):
    return (face_marks + 0.5) / 8 - 0.5


@pytest.fixture
def points(landmarks):
    """One at a landmark, one among them, one far from all."""
    return tuple(
        DragPoint((float(x), float(y)), (float(x) + 2, float(y)))
        for x, y in (landmarks[54], landmarks[[5, 6]].mean(axis=0), (32, 6))
    )


@pytest.fixture
def pictures(landmarks, monkeypatch):
    """Painted faces of noise: in each next one the landmarks are found half a pixel further."""
    seen = []

    def found(image, expected):
        seen.append(image)
        return np.add(landmarks, (0.5 * (len(seen) - 1), 0))

    monkeypatch.setattr(painted_face, "landmarks_near", found)
    return seen


@pytest.fixture
def make_run(generator, statistics, landmarks):
    def make(
        points, settings=SETTINGS, mask=None, known=statistics, latent=None, anchors=(), exact=True
    ):
        latent = latent or generator.sample(0)
        return FaceDragRun(
            generator,
            latent,
            FaceDragTask(tuple(points), landmarks, mask, tuple(anchors), exact),
            settings,
            known,
        )

    return make


def same_latents(steps, others):
    assert len(steps) == len(others)
    for step, other in zip(steps, others, strict=True):
        assert torch.equal(step.latent.w, other.latent.w)


def stages(steps):
    return [step.stage for step in steps]


def test_a_landmark_is_led_and_features_do_nothing(make_run, points, pictures):
    run = make_run(points[:1])
    steps = list(run)
    assert all(isinstance(step, EditStep) for step in steps)
    assert stages(steps) == ["guide"] * 4
    assert [step.distance for step in steps] == pytest.approx([1.5, 1, 0.5, 0], abs=1e-6)
    assert torch.equal(run.latent.w, steps[-1].latent.w)
    assert len(pictures) == 5
    seen = [run.first_rendering, *(step.rendering for step in steps)]
    assert all(look.image is picture for look, picture in zip(seen, pictures, strict=True))
    moved = np.subtract([step.positions[0] for step in steps], points[0].handle)
    np.testing.assert_allclose(moved, [(0.5, 0), (1, 0), (1.5, 0), (2, 0)], atol=1e-6)


def test_a_face_that_is_painted_already_is_not_painted_again(
    make_run, points, pictures, generator, statistics, landmarks
):
    steps = list(make_run(points[:1]))
    look, latent = guide.render_face(generator, generator.sample(0), landmarks), generator.sample(0)
    del pictures[1:]
    again = FaceDragRun(
        generator,
        latent,
        FaceDragTask(tuple(points[:1]), landmarks),
        SETTINGS,
        statistics,
        first=look,
    )
    look.landmarks[:] = landmarks  # as the first picture has them
    same_latents(list(again), steps)
    assert again.first_rendering is look
    assert len(pictures) == 5


@pytest.mark.parametrize(("settings", "known"), [(UNGUIDED, True), (SETTINGS, False)])
def test_without_a_guide_features_drag_all(
    make_run, points, pictures, generator, statistics, settings, known
):
    run = make_run(points, settings, known=statistics if known else None)
    steps = list(run)
    plain = DragRun(generator, generator.sample(0), points, settings.drag)
    same_latents(steps, list(plain))
    assert stages(steps) == ["drag"] * 3
    assert torch.equal(run.latent.w, plain.best.latent.w)
    assert len(run) == len(plain)
    assert pictures == []


def test_others_are_dragged_on_from_where_landmarks_led(make_run, points, pictures, generator):
    run = make_run(points)
    steps = list(run)
    assert stages(steps) == ["guide"] * 4 + ["drag"] * 3
    led = steps[3].latent
    assert torch.equal(steps[4].latent.w, led.w)
    # Both led points were moved by 2 px, the third one stayed.
    positions = [
        (x + dx, y) for (x, y), dx in zip([p.handle for p in points], (2, 2, 0), strict=True)
    ]
    plain = DragRun(
        generator, generator.sample(0), points, SETTINGS.drag, begin=led, begin_places=positions
    )
    same_latents(steps[4:], list(plain))
    assert torch.equal(run.latent.w, plain.best.latent.w)


@pytest.mark.parametrize("exact", [True, False])
def test_a_point_beside_landmarks_is_done_by_the_guide_where_the_composite_leads(
    make_run, points, pictures, exact
):
    run = make_run(points[:2], exact=exact)
    expected = {"guide", "drag"} if exact else {"guide"}
    assert {name for name, _ in run.stages} == expected
    assert set(stages(run)) == expected


def test_features_drag_on_where_one_point_is_far_from_landmarks(make_run, points, pictures):
    assert set(stages(make_run(points, exact=False))) == {"guide", "drag"}


def test_a_point_far_from_all_landmarks_is_dragged_by_features(make_run, points, pictures):
    run = make_run(points[2:])
    assert stages(run) == ["drag"] * 3
    assert len(run) == 3
    assert pictures == []


def test_landmarks_found_elsewhere_leave_it_to_features(make_run, points, landmarks, monkeypatch):
    monkeypatch.setattr(painted_face, "landmarks_near", lambda image, expected: landmarks + 5)
    run = make_run(points)
    without = make_run(points, known=None)
    same_latents(list(run), list(without))
    assert torch.equal(run.latent.w, without.latent.w)


@pytest.mark.parametrize("anchors", [(), (20,)], ids=["free", "held"])
def test_without_a_way_a_face_with_landmarks_to_hold_stays(
    make_run, points, landmarks, monkeypatch, anchors
):
    """Each try moves the landmark the other way."""
    tries = []

    def found(image, expected):
        tries.append(image)
        return np.subtract(landmarks, (0.2 * (len(tries) - 1), 0))

    monkeypatch.setattr(painted_face, "landmarks_near", found)
    run = make_run(points[:1], anchors=anchors)
    start = run.latent
    steps = list(run)
    assert "guide" in stages(steps)
    assert ("drag" in stages(steps)) == (not anchors)
    assert (run.latent is start) == bool(anchors)
    if anchors:
        assert run.positions == (points[0].handle,)


def test_points_elsewhere_are_dragged_all_the_same(make_run, points, landmarks, monkeypatch):
    monkeypatch.setattr(painted_face, "landmarks_near", lambda image, expected: landmarks + 5)
    run = make_run(points, anchors=(20,))
    assert stages(list(run)) == ["drag"] * 3


def test_it_takes_no_more_steps_than_it_says(make_run, points, pictures):
    run = make_run(points)
    assert len(run) == SETTINGS.guide.steps + SETTINGS.drag.max_steps
    assert len(list(run)) <= len(run)


def test_a_step_says_how_many_there_may_be(make_run, points, pictures):
    steps = list(make_run(points))
    assert [(s.index, s.total) for s in steps] == [
        *((i, 5) for i in (1, 2, 3, 4)),
        *((i, 3) for i in (1, 2, 3)),
    ]


def test_the_mask_holds_for_the_drag_by_features(make_run, points, pictures):
    mask = np.zeros((SIZE, SIZE), bool)
    mask[:, :32] = True
    free, held = list(make_run(points)), list(make_run(points, mask=mask))
    assert not torch.equal(free[-1].latent.w, held[-1].latent.w)


def test_wrong_input_is_refused_when_it_is_made(make_run, points):
    with pytest.raises(PointError):
        make_run([DragPoint((3, 3), (70, 3))])
    with pytest.raises(MaskError):
        make_run(points, mask=np.ones((8, 8), bool))


def test_without_points_nothing_is_done(make_run, generator):
    start = generator.sample(4)
    run = make_run([], latent=start)
    assert (len(run), run.stages, list(run), run.has_best) == (0, (), [], False)
    assert run.latent is start
    assert run.positions == ()


def test_before_it_runs_the_latent_is_the_start(make_run, points, generator):
    start = generator.sample(4)
    kept = start.w.clone()
    run = make_run(points, latent=start)
    assert run.latent is start
    assert torch.equal(start.w, kept)


def test_the_start_is_left_alone(make_run, points, pictures, generator):
    start = generator.sample(4)
    kept = start.w.clone()
    list(make_run(points, latent=start))
    assert torch.equal(start.w, kept)


def test_ended_early_it_keeps_the_best_so_far(make_run, points, pictures):
    run = make_run(points)
    assert not run.has_best
    assert not run.finish_early()
    steps = []
    for step in run:
        steps.append(step)
        assert run.has_best
        if len(steps) == 2:
            assert run.finish_early()
    assert stages(steps) == ["guide"] * 2
    assert torch.equal(run.latent.w, steps[1].latent.w)
    assert run.stopped_early
    finished = make_run(points)
    list(finished)
    assert not finished.stopped_early


def test_stages_are_told_beforehand(make_run, points):
    assert make_run(points[:1]).stages == (("guide", 5),)
    assert make_run(points).stages == (("guide", 5), ("drag", 3))
    assert make_run(points[2:]).stages == (("drag", 3),)


def test_how_far_it_is_never_goes_backwards(make_run, points, pictures):
    run = make_run(points)
    fractions = [run.fraction]
    fractions += [run.fraction for _ in run]
    assert fractions == sorted(fractions)
    assert (fractions[0], run.fraction) == (0.0, 1.0)
    nothing = make_run(())
    assert list(nothing) == []
    assert nothing.fraction == 1.0


def test_a_run_that_was_ended_early_is_done_whole_the_next_time(make_run, points):
    run = make_run(points[2:])
    for _ in run:
        run.finish_early()
    assert run.stopped_early
    assert len(list(run)) > 1
    assert not run.stopped_early
