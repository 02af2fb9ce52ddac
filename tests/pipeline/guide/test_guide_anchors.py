"""Landmarks that should stay: the guide holds them where it would otherwise take them along."""

import numpy as np
import pytest
import torch

from photodrag.alignment.face_measures import eye_distance
from photodrag.checkpoints import Latent
from photodrag.checkpoints.networks.statistics import undo_activation
from photodrag.drag import DragPoint
from photodrag.pipeline.guide import painted_face
from photodrag.pipeline.guide.drag_task import FaceDragTask
from photodrag.pipeline.guide.landmark_statistics import LandmarkStatistics
from photodrag.pipeline.guide.run import GuideRun
from photodrag.pipeline.guide.settings import GuideSettings

W_DIM, SIZE = 24, 512
SETTINGS = GuideSettings(noise=0.01, stop_distance=0.1)


class Painter:
    """Paints nothing; its landmarks are a linear map of w."""

    name, resolution, geometry_rows, image_resolutions = "painter", SIZE, 3, (SIZE,)

    def __init__(self, face):
        self.face, self.shown = face, None
        self.map = torch.randn(136, W_DIM, generator=torch.Generator().manual_seed(0)).double()

    def check(self, latent):
        return latent.w

    def render(self, latent, size):
        self.shown = latent
        return torch.zeros(1, 3, size, size)

    def landmarks_near(self, image, expected):
        moved = self.map @ undo_activation(self.shown.w[0]).double()
        return self.face + moved.view(68, 2).numpy() * SIZE / 100


@pytest.fixture
def moves(face_marks, monkeypatch):
    """How far each landmark goes when the chin is dragged down by 20 pixels, (68,)."""
    painter = Painter(face_marks)
    monkeypatch.setattr(painted_face, "landmarks_near", painter.landmarks_near)
    statistics = LandmarkStatistics(W_DIM)
    statistics.spread.copy_(painter.map @ painter.map.t())
    statistics.cross.copy_(painter.map)
    x, y = face_marks[8].tolist()
    points = [DragPoint((x, y), (x, y + 20))]

    def moves(anchors):
        latent = Latent(torch.zeros(6, W_DIM), "painter")
        run = GuideRun(
            painter,
            latent,
            FaceDragTask(tuple(points), face_marks, anchors=tuple(anchors)),
            statistics,
            SETTINGS,
        )
        for _ in run:
            pass
        assert run.best is not None
        return np.linalg.norm(run.best.rendering.landmarks - face_marks, axis=1)

    return moves


def test_held_landmarks_stay_and_the_handle_arrives(moves, face_marks):
    held = (27, 36, 45, 48)
    free, kept = moves(()), moves(held)
    still = 0.01 * eye_distance(face_marks)
    assert (kept[list(held)] < still).all()
    assert (free[list(held)] > still).all()
    assert kept[8] == pytest.approx(20, abs=1)
