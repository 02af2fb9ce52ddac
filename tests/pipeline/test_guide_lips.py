"""Lips that stick: the guide pushes them until they part, with a painter whose lips do."""

import numpy as np
import pytest
import torch

from photodrag.checkpoints import Latent
from photodrag.checkpoints.statistics import undo_activation
from photodrag.drag import DragPoint
from photodrag.pipeline import guide
from photodrag.pipeline.guide import GuideRun, detail_rows
from photodrag.pipeline.landmark_statistics import LandmarkStatistics
from photodrag.pipeline.settings import GuideSettings

W_DIM, SIZE, SHUT = 24, 512, 2.0  # px: of the shut mouth's lips
SETTINGS = GuideSettings(noise=0.01)


class Painter:
    """Paints nothing; lips (62 and 66) stay shut until the finest row to move parts them far."""

    name, resolution, geometry_rows, image_resolutions = "painter", SIZE, 3, (SIZE,)
    layers = (4, 8, 16, 32, 64, 128)

    def __init__(self, face, sticks_to):
        self.face, self.sticks_to, self.looks = face, sticks_to, 0
        self.map = torch.randn(136, W_DIM, generator=torch.Generator().manual_seed(0)).double()

    def check(self, latent):
        return latent.w

    def render(self, latent, size):
        self.shown = latent
        return torch.zeros(1, 3, size, size)

    def landmarks_near(self, image, expected):
        self.looks += 1
        moved, parted = (
            (self.map @ undo_activation(self.shown.w[row]).double()).view(68, 2).numpy()
            * SIZE
            / 100
            for row in (0, 4)
        )
        marks = self.face + moved
        gap = (parted[66] - parted[62])[1]
        marks[66] = marks[62] + (0, SHUT + (gap if gap > self.sticks_to else 0))
        return marks


@pytest.fixture
def make_run(face_marks, monkeypatch):
    """A drag that parts the lips by 16 px, of a painter whose lips stick to so many."""

    def make(sticks_to, sideways=0.0):
        painter = Painter(face_marks, sticks_to)
        monkeypatch.setattr(guide, "landmarks_near", painter.landmarks_near)
        statistics = LandmarkStatistics(W_DIM)
        statistics.spread.copy_(painter.map @ painter.map.t())
        statistics.cross.copy_(painter.map)
        (x, y), (u, v), (left, right) = (face_marks[mark].tolist() for mark in (62, 66, 30))
        points = [DragPoint((x, y), (x, y - 4)), DragPoint((u, v), (u, v + 12))]
        if sideways:
            points.append(DragPoint((left, right), (left + sideways, right)))
        latent = Latent(torch.zeros(6, W_DIM), "painter")
        return GuideRun(painter, latent, points, face_marks, statistics, SETTINGS)

    return make


def gap(step):
    return step.look.marks[66, 1] - step.look.marks[62, 1] - SHUT


@pytest.mark.parametrize("sticks_to", [8.0, 20.0])
def test_lips_are_pushed_until_they_part(make_run, sticks_to):
    run = make_run(sticks_to)
    *shut, last = list(run)
    assert run.best is last
    assert [step.index for step in (*shut, last)] == list(range(1, len(shut) + 2))
    assert last.total == len(run) == SETTINGS.steps + 1
    assert [gap(step) for step in shut] == pytest.approx([0.0] * len(shut))
    assert 9 < gap(last) < 25


def test_rows_that_paint_details_are_pushed_and_no_finer_ones(make_run):
    run = make_run(8.0)
    *shut, last = list(run)
    before = shut[-1].latent.w
    assert detail_rows(run.generator) == 5
    assert torch.equal(before[3:], run.start[3:])
    assert (last.latent.w[3:5] != run.start[3:5]).any(dim=1).all()
    assert torch.equal(last.latent.w[5], run.start[5])


def test_what_else_was_dragged_stays_where_it_has_come(make_run):
    """The lips' own change is added, not another try at everything."""
    run = make_run(8.0, sideways=9.0)
    noses = []
    for _ in run:
        noses.append(run.best.look.marks[30] if run.best else run.landmarks[30])
    assert gap(run.best) > 8
    assert np.abs(noses[-2] - run.landmarks[30]).max() > 3
    np.testing.assert_allclose(noses[-1], noses[-2], atol=0.5)


def test_lips_that_never_part_stay_as_they_were(make_run):
    run = make_run(1e9)
    steps = list(run)
    assert len(steps) <= SETTINGS.steps
    assert run.best is None or run.best in steps
    assert run.generator.looks > len(steps) + 5


@pytest.mark.parametrize("limit", ["_ASTRAY", "_AMONG"])
def test_a_face_that_would_go_astray_is_not_pushed(make_run, monkeypatch, limit):
    monkeypatch.setattr(guide, limit, -1.0)
    run = make_run(8.0, sideways=9.0)
    assert [gap(step) for step in run] == pytest.approx([0.0] * len(list(run)))


def test_without_the_will_to_part_nothing_is_pushed(make_run, monkeypatch):
    monkeypatch.setattr(guide, "asked_opening", lambda *_: None)
    run = make_run(8.0)
    steps = list(run)
    assert len(run) == SETTINGS.steps
    assert run.generator.looks == len(steps) + 1
