"""A studio with the tiny generator, and a desk where a face was looked at."""

import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from photodrag.pipeline import ChangeOptions
from photodrag.pipeline.studio import Done, PageEdit, PointRequest, Studio, StudioSettings
from photodrag.pipeline.studio.live.preview import pixels_of

SECONDS = 120  # that a test waits for a job before it fails


class Told:
    """A desk, and the events that it told."""

    def __init__(self, studio):
        self.events = []
        self.workspace = studio.open_desk(self.events.append)

    def done(self, ticket):
        """What a job gave; it must succeed."""
        end = ticket.wait(SECONDS)
        assert isinstance(end, Done), end
        return end.value

    def drag(self, way=(-9, -7), **other):
        """A request for the left corner of the mouth, by a way in pixels, in few steps."""
        other.setdefault("change", ChangeOptions(drag_steps=4))
        corner = next(one for one in self.workspace.landmarks if one.name == "mouth_left")
        target = (corner.place[0] + way[0], corner.place[1] + way[1])
        return PageEdit((PointRequest("mouth_left", target),), **other)

    def shown(self, **which):
        """What the desk shows, (h, w, 3) whole numbers."""
        return pixels_of(self.workspace.picture(**which)).astype(int)

    def of(self, ticket, kind):
        """The events of a kind of one job."""
        return [e for e in self.events if isinstance(e, kind) and e.ticket == ticket.id]


@pytest.fixture(scope="session")
def studio_settings(quick_settings):
    drag = replace(quick_settings.drag, max_steps=4)
    return StudioSettings(replace(quick_settings, drag=drag), device="cpu", cache=False)


@pytest.fixture
def studio(studio_settings):
    with Studio(studio_settings) as studio:
        yield studio


@pytest.fixture(scope="session")
def packed(studio_settings, small_portrait, tmp_path_factory) -> Path:
    """A session with its face looked at and nothing done, as a .zip."""
    with Studio(studio_settings) as studio:
        told = Told(studio)
        told.done(told.workspace.open_photo(small_portrait))
        told.done(told.workspace.choose_face(1))
        saved = told.done(told.workspace.save_session())
        path = tmp_path_factory.mktemp("packed") / saved.name
        path.write_bytes(saved.path.read_bytes())
    path.chmod(0o444)
    return path


@pytest.fixture
def told(studio):
    return Told(studio)


@pytest.fixture
def ready(studio, packed):
    """A desk with the portrait, its face looked at."""
    told = Told(studio)
    told.done(told.workspace.open_session(packed))
    return told


@pytest.fixture(scope="module")
def settled(studio_settings, packed):
    """The same desk for tests that leave it as it is."""
    with Studio(studio_settings) as studio:
        told = Told(studio)
        told.done(told.workspace.open_session(packed))
        yield told


@pytest.fixture
def repacked(packed, tmp_path):
    """Another .zip of the packed session: `change` takes names and contents and gives them."""

    def make(change, name="it.zip", **kinds):
        with zipfile.ZipFile(packed) as archive:
            files = {entry: archive.read(entry) for entry in archive.namelist()}
        path = tmp_path / name
        with zipfile.ZipFile(path, "w", **kinds) as archive:
            for entry, content in change(files).items():
                archive.writestr(entry, content)
        return path

    return make
