"""The guide, with a painter whose landmarks follow from w as the statistics say."""

from dataclasses import FrozenInstanceError, replace

import numpy as np
import pytest
import torch

from photodrag.alignment import landmarks_in
from photodrag.alignment.face_measures import eye_distance
from photodrag.checkpoints import Latent, load_generator
from photodrag.checkpoints.networks.ops import LEAKY_GAIN, LEAKY_SLOPE
from photodrag.checkpoints.networks.statistics import undo_activation
from photodrag.drag import DragPoint
from photodrag.errors import LatentError, SettingsError
from photodrag.pipeline.guide import painted_face
from photodrag.pipeline.guide.drag_task import FaceDragTask
from photodrag.pipeline.guide.landmark_statistics import LandmarkStatistics, find_statistics
from photodrag.pipeline.guide.likely_change import LikelyChange
from photodrag.pipeline.guide.painting import paint
from photodrag.pipeline.guide.run import GuideRun, far_guide
from photodrag.pipeline.guide.settings import GuideSettings

W_DIM, ROWS, RESOLUTION, PAINTED = 8, 6, 512, 256
SETTINGS = GuideSettings(noise=0.01)


class Painter:
    """Paints nothing; its landmarks are `gain` times a linear map of w, from a face of its own."""

    name, resolution, geometry_rows = "painter", RESOLUTION, 3
    image_resolutions = (64, PAINTED, RESOLUTION)

    def __init__(self, face, gain=1.0):
        draw = torch.Generator().manual_seed(0)
        self.map = torch.randn(136, W_DIM, generator=draw).double()
        self.face, self.gain = face, gain
        self.looked_for, self.shown = [], None

    @property
    def statistics(self):
        made = LandmarkStatistics(W_DIM)
        made.spread.copy_(self.map @ self.map.t())
        made.cross.copy_(self.map)
        return made

    def check(self, latent):
        if tuple(latent.w.shape) != (ROWS, W_DIM):
            raise LatentError("another shape")
        return latent.w

    def render(self, latent, size):
        self.shown = latent
        return torch.zeros(1, 3, size, size)

    def landmarks(self, latent):
        """In pixels of the whole image."""
        moved = self.map @ undo_activation(latent.w[0]).double()
        return self.face + self.gain * moved.view(68, 2).numpy() * RESOLUTION / 100

    def landmarks_near(self, image, expected):
        assert image.shape == (PAINTED, PAINTED, 3)
        self.looked_for.append(expected)
        return (self.landmarks(self.shown) + 0.5) * PAINTED / RESOLUTION - 0.5


@pytest.fixture
def make_run(face_marks, monkeypatch):
    """A run of one painter, which it has as `generator`."""

    def make(points, settings=SETTINGS, gain=1.0, painted=None, latent=None):
        painter = Painter(face_marks if painted is None else painted, gain)
        monkeypatch.setattr(painted_face, "landmarks_near", painter.landmarks_near)
        latent = latent or Latent(torch.zeros(ROWS, W_DIM), "painter")
        return GuideRun(
            painter, latent, FaceDragTask(tuple(points), face_marks), painter.statistics, settings
        )

    return make


def point_at(place, displacement):
    return DragPoint(
        tuple(map(float, place)),
        (float(place[0] + displacement[0]), float(place[1] + displacement[1])),
    )


@pytest.fixture
def corners(face_marks):
    return [point_at(face_marks[48], (-12, -8)), point_at(face_marks[54], (12, -8))]


def test_landmarks_arrive(make_run, corners):
    run = make_run(corners)
    steps = list(run)
    assert run.best is steps[-1]
    assert run.best.distance <= SETTINGS.stop_distance
    found = run.generator.landmarks(run.best.latent)
    np.testing.assert_allclose(found[[48, 54]], [p.target for p in corners], atol=0.5)
    np.testing.assert_allclose(run.best.rendering.landmarks, found, atol=1e-3)
    np.testing.assert_allclose(run.positions(run.best), found[[48, 54]], atol=1e-3)


def test_steps_are_numbered_and_frozen(make_run, corners):
    run = make_run(corners, replace(SETTINGS, noise=5.0))
    steps = list(run)
    assert len(steps) > 1
    assert [(step.index, step.total) for step in steps] == [(i + 1, 5) for i in range(len(steps))]
    assert all(step.mean_distance <= step.distance for step in steps)
    assert all(step.latent.generator == "painter" for step in steps)
    with pytest.raises(FrozenInstanceError):
        steps[0].distance = 0.0


def test_noise_makes_for_smaller_steps(make_run, corners):
    exact, careful = (
        next(iter(make_run(corners, replace(SETTINGS, noise=noise)))) for noise in (0.01, 5.0)
    )
    assert careful.latent.w.norm() < 0.9 * exact.latent.w.norm()
    assert careful.distance > exact.distance + 1


def test_only_the_rows_that_shape_the_face_change(make_run, corners):
    start = Latent(torch.randn(ROWS, W_DIM, generator=torch.Generator().manual_seed(3)), "painter")
    kept = start.w.clone()
    # The painter's own face counts from where it begins.
    run = make_run(corners, latent=start, gain=0.01)
    (step, *_) = run
    assert torch.equal(start.w, kept)
    assert torch.equal(step.latent.w[3:], kept[3:])
    change = undo_activation(step.latent.w[:3]) - undo_activation(kept[:3])
    assert change.abs().max() > 0.1
    torch.testing.assert_close(change, change[:1].expand(3, W_DIM), rtol=0, atol=1e-5)


def test_the_change_is_made_before_the_activation(make_run, corners):
    run = make_run(corners)
    step = next(iter(run))
    wanted = torch.tensor([[-12.0, -8], [12, -8]]).double() * 100 / RESOLUTION
    shares = torch.eye(68).double()[[48, 54]]
    likely = LikelyChange(run.statistics, shares.numpy(), wanted.numpy(), SETTINGS.noise)
    change = likely.propose().float()
    bent = torch.where(change > 0, change, LEAKY_SLOPE * change) * LEAKY_GAIN
    torch.testing.assert_close(step.latent.w[0], bent, rtol=1e-4, atol=1e-5)


def test_what_the_painted_face_lacks_of_the_photos_is_not_made_up_for(
    make_run, corners, face_marks
):
    """Ways count, not places: the painted landmarks may lie a little beside the photo's."""
    run = make_run(corners, painted=np.add(face_marks, (5, 3)))
    *_, last = run
    wanted = np.add([p.target for p in corners], (5, 3))
    np.testing.assert_allclose(run.generator.landmarks(last.latent)[[48, 54]], wanted, atol=0.5)
    # In the photo's own frame the handles are where they were asked to be.
    np.testing.assert_allclose(run.positions(last), wanted - (5, 3), atol=0.5)


def test_landmarks_are_looked_for_around_the_last_ones(make_run, corners, face_marks):
    run = make_run(corners)
    steps = list(run)
    first, second, *_ = run.generator.looked_for
    np.testing.assert_allclose(first, (face_marks + 0.5) / 2 - 0.5)
    np.testing.assert_allclose(second, first)
    assert len(run.generator.looked_for) == len(steps) + 1


def test_points_among_landmarks_are_led_and_others_keep_their_place(make_run, face_marks):
    far = point_at((256, 60), (9, 9))
    between = point_at(face_marks[[5, 6]].mean(axis=0), (-6, 4))
    run = make_run([far, point_at(face_marks[8], (0, 10)), between])
    assert run.led.tolist() == [False, True, True]
    assert run.at_landmark.tolist() == [False, True, False]
    *_, last = run
    positions = run.positions(last)
    assert positions[0].tolist() == [256, 60]
    np.testing.assert_allclose(positions[1:], [run.points[1].target, between.target], atol=0.5)


def test_without_a_point_among_landmarks_nothing_is_done(make_run):
    run = make_run([point_at((256, 40), (0, 20))])
    assert len(run) == 0
    assert list(run) == []
    assert run.best is None
    assert run.generator.looked_for == []


@pytest.mark.parametrize("eyes", [0.07, 0.13])
def test_painted_landmarks_in_another_place_are_a_mistake(make_run, corners, face_marks, eyes):
    run = make_run(corners, painted=np.add(face_marks, (120 * eyes, 0)))
    steps = list(run)
    assert bool(steps) == (eyes < 0.08)
    assert (run.best is None) == (not steps)


def test_a_face_that_does_not_move_ends_it(make_run, corners):
    run = make_run(corners, gain=0.0)
    assert len(list(run)) == SETTINGS.patience
    assert run.best is None


def test_a_face_that_moves_the_other_way_is_understood(make_run, face_marks):
    """The first try takes it away from the targets; its slopes are known then."""
    run = make_run([point_at(face_marks[48], (-3, -2))], replace(SETTINGS, patience=2), gain=-1.0)
    first, *_, last = list(run)
    assert first.mean_distance > 1.5 * float(np.hypot(3, 2))
    assert run.best is last
    assert last.distance <= SETTINGS.stop_distance


def test_a_face_that_moves_too_far_is_understood(make_run, face_marks):
    """The first try goes 2.5 times as far; the last one is right."""
    run = make_run([point_at(face_marks[48], (-3, -2))], replace(SETTINGS, patience=2), gain=2.5)
    steps = list(run)
    assert [step.distance <= SETTINGS.stop_distance for step in steps] == [False, False, True]


def test_the_nearest_step_is_kept(make_run, corners):
    """Each step goes 1.98 of the way: nearer by 2 %, which is the last one."""
    run = make_run(corners, replace(SETTINGS, patience=1), gain=1.98)
    (step,) = run
    assert run.best is step
    displacement = float(np.hypot(12, 8))
    assert step.mean_distance == pytest.approx(0.98 * displacement, rel=0.01)


def test_landmarks_lost_on_the_way_make_it_go_slower(make_run, corners):
    """What is found further away than was to be expected is no step; half of it is tried."""
    run = make_run(corners, replace(SETTINGS, patience=2))
    painter, found, goal = run.generator, [], 0.5 * np.hypot(12, 8)

    def jumping(image, expected):
        landmarks = painter.landmarks_near(image, expected)
        found.append(landmarks)
        return landmarks + 90 if len(found) == 2 else landmarks

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(painted_face, "landmarks_near", jumping)
        first, *_ = list(run)
    assert first.index == 1  # what cannot be seen is no step: who counts them begins with 1
    assert first.mean_distance == pytest.approx(goal, rel=0.05)
    assert run.best.distance <= SETTINGS.stop_distance


@pytest.mark.parametrize("patience", [1, 3])
def test_it_waits_for_progress_as_long_as_it_is_told(make_run, corners, patience):
    """Of a painter whose landmarks do not move."""
    settings = replace(SETTINGS, steps=9, patience=patience)
    assert len(list(make_run(corners, settings, gain=0.0))) == patience


def test_a_far_guide_moves_all_rows():
    generator = Painter(np.zeros((68, 2)))
    generator.num_ws = ROWS
    assert far_guide(generator).rows == ROWS
    assert far_guide(generator).steps > GuideSettings().steps
    assert far_guide(generator).least_spread > GuideSettings().least_spread


@pytest.mark.parametrize("most", [1, 2])
def test_there_are_no_more_steps_than_asked_for(make_run, corners, most):
    run = make_run(corners, replace(SETTINGS, steps=most), gain=0.3)
    assert len(run) == most
    assert len(list(run)) == most


def test_going_through_it_again_begins_anew(make_run, corners):
    run = make_run(corners, gain=0.5)
    first, second = list(run), list(run)
    assert [step.distance for step in first] == [step.distance for step in second]
    assert torch.equal(first[-1].latent.w, second[-1].latent.w)


def test_leaving_the_loop_keeps_the_step_reached(make_run, corners):
    run = make_run(corners, gain=0.5)
    step = next(iter(run))
    assert run.best is step
    assert len(run.generator.looked_for) == 2


def test_a_latent_of_another_generator_is_refused(make_run, corners):
    with pytest.raises(LatentError):
        make_run(corners, latent=Latent(torch.zeros(2, W_DIM), "painter"))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("steps", -1),
        ("steps", 1.5),
        ("noise", 0),
        ("patience", 0),
        ("stop_distance", -1),
        ("least_spread", -0.1),
    ],
)
def test_setting_out_of_range_is_refused_and_shown(name, value):
    with pytest.raises(SettingsError, match=rf"{name} is {value!r}"):
        replace(SETTINGS, **{name: value})


@pytest.mark.weights
def test_a_painted_face_smiles():
    """Of the default generator: the corners arrive, the lips part, and the eyes stay."""
    generator = load_generator()
    latent, size = generator.mean_latent(), generator.resolution
    box = (0.25 * size, 0.3 * size, 0.75 * size, 0.9 * size)
    landmarks = landmarks_in(paint(generator, latent), box)
    eyes = eye_distance(landmarks)
    displacement = 0.05 * eyes
    points = [
        point_at(landmarks[48], (-displacement, -displacement)),
        point_at(landmarks[54], (displacement, -displacement)),
    ]
    statistics = find_statistics(generator)
    run = GuideRun(
        generator, latent, FaceDragTask(tuple(points), landmarks), statistics, GuideSettings()
    )
    list(run)
    found = landmarks_in(paint(generator, run.best.latent), box)
    away = np.linalg.norm(found[[48, 54]] - [point.target for point in points], axis=1)
    assert away.max() < 0.3 * displacement
    moved = found - landmarks
    assert moved[66, 1] - moved[62, 1] > 0.1 * displacement
    assert np.linalg.norm(moved[36:48], axis=1).mean() < 0.3 * displacement


@pytest.mark.weights
def test_a_head_turns_and_turns_back():
    """Of the default generator: the nose goes sideways by a fifth of the eye distance, and back."""
    generator = load_generator()
    latents, size = [generator.mean_latent()], generator.resolution
    statistics = find_statistics(generator)
    landmarks = landmarks_in(
        paint(generator, latents[0]), (0.25 * size, 0.3 * size, 0.75 * size, 0.9 * size)
    )
    displacement = 0.2 * eye_distance(landmarks)
    for shift in (displacement, -displacement):
        nose = [point_at(landmarks[30], (shift, 0))]
        run = GuideRun(
            generator,
            latents[-1],
            FaceDragTask(tuple(nose), landmarks),
            statistics,
            GuideSettings(),
        )
        list(run)
        assert run.best.distance < 0.1 * displacement
        latents.append(run.best.latent)
        landmarks = run.best.rendering.landmarks
    start, there, back = (undo_activation(latent.w[0]) for latent in latents)
    assert (back - start).norm() < 0.1 * (there - start).norm()
