"""Lips that stick: they are pushed until they part, with a painter whose lips part at once."""

import numpy as np
import pytest
import torch

from photodrag.alignment.face_measures import mouth_gap
from photodrag.alignment.face_parts import LIPS_INSIDE
from photodrag.checkpoints import Latent
from photodrag.checkpoints.networks.statistics import undo_activation
from photodrag.pipeline.guide import mouth_opening as module
from photodrag.pipeline.guide.landmark_statistics import LandmarkStatistics
from photodrag.pipeline.guide.mouth_opening import Push, likely_displacements, open_mouth
from photodrag.pipeline.guide.run import detail_rows

W_DIM, SIZE = 24, 512
UPPER, LOWER = [61, 62, 63], [65, 66, 67]
GAP = 16 / SIZE


class Painter:
    """Paints nothing; its lips stay shut until a fine row asks for more than they stick to."""

    name, resolution, image_resolutions = "painter", SIZE, (SIZE,)
    layers = (4, 8, 16, 32, 64, 128)

    def __init__(self, face, sticks_to):
        self.face, self.sticks_to, self.renderings = face, sticks_to, 0
        self.map = torch.randn(136, W_DIM, generator=torch.Generator().manual_seed(0)).double()
        self.map[2 * 62 : 2 * 68] = 0
        for lip, displacement in ((UPPER, -1.0), (LOWER, 1.0)):
            self.map[[2 * landmark + 1 for landmark in lip], 0] = displacement

    def check(self, latent):
        return latent.w

    def render(self, latent, size):
        self.shown = latent
        return torch.zeros(1, 3, size, size)

    def marks_of(self, latent):
        displacement = (
            (self.map @ undo_activation(latent.w[4]).double()).view(68, 2).numpy() * SIZE / 100
        )
        landmarks = self.face.copy()
        if displacement[66, 1] - displacement[62, 1] > self.sticks_to:
            landmarks[LIPS_INSIDE] += displacement[LIPS_INSIDE]
        return landmarks

    def painted_landmarks(self, image, crop):
        self.renderings += 1
        return self.marks_of(self.shown)


@pytest.fixture
def crop(face_marks, crop_of):
    return crop_of(face_marks)


@pytest.fixture
def make_painter(face_marks, monkeypatch):
    def make(sticks_to):
        painter = Painter(face_marks, sticks_to)
        statistics = LandmarkStatistics(W_DIM)
        statistics.spread.copy_(painter.map @ painter.map.t())
        statistics.cross.copy_(painter.map)
        monkeypatch.setattr(module, "painted_landmarks", painter.painted_landmarks)
        monkeypatch.setattr(module, "find_statistics", lambda generator: statistics)
        return painter

    return make


@pytest.fixture
def shut():
    return Latent(torch.zeros(6, W_DIM), "painter")


@pytest.mark.parametrize("sticks_to", [8.0, 24.0])
def test_lips_are_pushed_until_they_part_as_far_as_asked(make_painter, crop, shut, sticks_to):
    painter = make_painter(sticks_to)
    opened = open_mouth(painter, shut, crop, GAP)
    gap = mouth_gap(painter.marks_of(opened)) / SIZE
    assert 0.6 * GAP < gap < 2 * GAP
    assert gap > sticks_to / SIZE


def test_rows_that_paint_details_are_changed_and_no_finer_ones(make_painter, crop, shut):
    painter = make_painter(8.0)
    opened = open_mouth(painter, shut, crop, GAP)
    assert detail_rows(painter) == 5
    assert (opened.w[:5] != 0).any(dim=1).all()
    assert (opened.w[5] == 0).all()


@pytest.mark.parametrize("sticks_to", [1e9, 100.0], ids=["never", "far too wide"])
def test_lips_that_do_not_part_so_are_none(make_painter, crop, shut, sticks_to):
    painter = make_painter(sticks_to)
    assert open_mouth(painter, shut, crop, GAP) is None
    assert painter.renderings > 4


@pytest.mark.parametrize("wider", [1.0, 1.5, 5.0])
def test_lips_that_have_parted_as_far_or_further_stay_as_they_are(make_painter, crop, shut, wider):
    painter = make_painter(8.0)
    opened = open_mouth(painter, shut, crop, GAP)
    gap, painter.renderings = mouth_gap(painter.marks_of(opened)) / SIZE, 0
    assert open_mouth(painter, opened, crop, gap / wider) is opened
    assert painter.renderings == 1


def test_a_generator_of_which_nothing_is_known(monkeypatch, make_painter, crop, shut):
    painter = make_painter(0.0)
    monkeypatch.setattr(module, "find_statistics", lambda generator: None)
    assert open_mouth(painter, shut, crop, GAP) is None
    assert likely_displacements(painter, [66], np.array([[0.0, 0.01]])) is None


def test_other_landmarks_go_along(make_painter):
    """As the faces have it: all of a lip at once, and the other one away from it."""
    displacements = likely_displacements(make_painter(0.0), [66], np.array([[0.0, 0.02]]))
    assert displacements.shape == (68, 2)
    np.testing.assert_allclose(displacements[LOWER, 1], 0.02, atol=2e-3)
    np.testing.assert_allclose(displacements[UPPER, 1], -0.02, atol=2e-3)


def pushes(share_at):
    """All tries on lips of which `share_at(times)` is known."""
    push, tried = Push(), []
    while push is not None:
        tried.append(push.times)
        push = push.next(share_at(push.times))
    return tried


@pytest.mark.parametrize("sticks_to", [0.3, 1.2, 2.9, 5.0])
def test_lips_that_part_at_once_are_parted_as_far_as_asked_by_few_tries(sticks_to):
    def share_at(times):
        return 0.0 if times < sticks_to else 1.0 + 2 * (times - sticks_to)

    tried = pushes(share_at)
    assert len(tried) <= 8
    assert any(abs(share_at(times) - 1) < 0.5 for times in tried)


def test_it_ends_at_the_first_that_is_near_enough():
    assert pushes(lambda times: 0.45 * times) == [1.0, 2.0]


def test_lips_that_never_part_are_given_up():
    assert pushes(lambda times: 0.0) == [2.0**i for i in range(7)]
