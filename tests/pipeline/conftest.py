"""One quick edit with the tiny generator, shared by the tests that look at results."""

from dataclasses import replace
from pathlib import Path

import pytest

from photodrag.alignment import open_photo
from photodrag.pipeline import EditRequest
from photodrag.pipeline.edit.edit_run import EditRun
from photodrag.pipeline.edit.values import EditResult, EditStep
from photodrag.pipeline.settings import DEFAULTS, EditSettings


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
    run = EditRun(
        photo, EditRequest(["mouth_left->-5%,-4%", "mouth_right->+5%,-4%"], settings=quick_settings)
    )
    steps = tuple(run)
    return run.result, steps


@pytest.fixture(scope="session")
def result(quick_edit: tuple[EditResult, tuple[EditStep, ...]]) -> EditResult:
    return quick_edit[0]
