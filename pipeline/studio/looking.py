"""A face of a photo looked at, so that it can be edited: a new session."""

from __future__ import annotations

import shutil
from collections.abc import Generator
from dataclasses import replace
from pathlib import Path

from photodrag.alignment import select_face

from ..continuing import first_start
from ..invert import InvertRun
from ..session_work import SessionWork, keep_session
from .opened import Opened
from .pace import Pace
from .shop import Shop
from .ticket import Ticket


def look_at(
    opened: Opened, number: int, place: Path, shop: Shop, ticket: Ticket
) -> Generator[None, None, SessionWork]:
    """Invert the face of that number; its session lies in a new folder `place`."""
    face = select_face(opened.faces, number, opened.photo.size)
    generator = shop.generator()
    yield
    settings = replace(shop.settings.edit, face=number)
    start = first_start(opened.photo, face)
    cache = shop.cache(opened.name)
    run = InvertRun(opened.photo, settings, shop.device, generator, cache, start)
    pace = Pace(lambda: run.stages)
    for step in run:
        ticket.tell(pace.progress(step))
        yield
        pace.resume()
    folder = keep_session(place, opened.path, run, generator)
    try:
        work = SessionWork(folder, shop.device, generator, opened.photo)
        work.prepare()
    except BaseException:
        shutil.rmtree(place, ignore_errors=True)
        raise
    return work
