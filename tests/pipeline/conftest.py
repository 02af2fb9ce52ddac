"""One quick edit with the tiny generator, shared by the tests that look at results."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from photodrag.alignment import Face, FaceCrop, open_photo
from photodrag.pipeline.editing import EditRun
from photodrag.pipeline.settings import DEFAULTS, EditSettings
from photodrag.pipeline.values import EditResult, EditStep


@pytest.fixture(scope="session")
def quick_settings(tiny_checkpoint: Path) -> EditSettings:
    """Two steps of each stage."""
    return replace(
        DEFAULTS,
        checkpoint=str(tiny_checkpoint),
        project=replace(DEFAULTS.project, steps=2),
        tune=replace(DEFAULTS.tune, steps=2),
        drag=replace(DEFAULTS.drag, max_steps=2),
    )


@pytest.fixture(scope="session")
def quick_edit(
    small_portrait: Path, quick_settings: EditSettings
) -> tuple[EditResult, tuple[EditStep, ...]]:
    """The result and the steps of dragging both corners of the mouth."""
    photo = open_photo(small_portrait)
    run = EditRun(photo, ["mouth_left->-5%,-4%", "mouth_right->+5%,-4%"], settings=quick_settings)
    steps = tuple(run)
    return run.result, steps


@pytest.fixture(scope="session")
def result(quick_edit: tuple[EditResult, tuple[EditStep, ...]]) -> EditResult:
    return quick_edit[0]


@pytest.fixture
def face_marks() -> NDArray[np.float64]:
    """68 landmarks of an upright face with a closed mouth, in a picture of 512 pixels."""
    angle = np.linspace(np.pi, 0, 17)
    jaw = np.column_stack([256 + 130 * np.cos(angle), 240 + 160 * np.sin(angle)])
    brows = [(256 + side * (20 + 18 * i), 190 - 3 * i) for side in (-1, 1) for i in range(5)]
    nose = [(256, 220 + 22 * i) for i in range(4)] + [(236 + 10 * i, 300) for i in range(5)]
    ring = np.linspace(0, 2 * np.pi, 7)[:-1]
    eyes = [(x + 18 * np.cos(a), 225 + 6 * np.sin(a)) for x in (196, 316) for a in ring]
    rim = np.linspace(-np.pi, np.pi, 13)[:-1]
    lips = [(256 + 45 * np.cos(a), 350 + 15 * np.sin(a)) for a in rim]
    upper = [(226 + 15 * i, 350.0) for i in range(5)]
    lower = [(271 - 15 * i, 352.0) for i in range(3)]
    return np.array([*jaw, *brows, *nose, *eyes, *lips, *upper, *lower], np.float64)


@pytest.fixture
def crop_of() -> Callable[[NDArray[np.float64]], FaceCrop]:
    """A black picture of 512 pixels as the square of a face with landmarks (68, 2)."""

    def make(marks: NDArray[np.float64]) -> FaceCrop:
        still, pixels = np.eye(2, 3), np.zeros((512, 512, 3), np.uint8)
        face = Face(1, (0.0, 0.0, 1.0, 1.0), marks, 1.0)
        return FaceCrop(pixels, face, still, still, np.ones((512, 512), np.bool_))

    return make
