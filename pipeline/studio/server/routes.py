"""What a page fetches and brings: pictures, frames, files. Each under the key of its visit."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from fastapi import FastAPI, Request
from fastapi.responses import FileResponse, PlainTextResponse, Response

from photodrag.errors import PhotodragError

if TYPE_CHECKING:
    from ..page.controller import Visit
    from ..protocol.views import Picture

_WEB = Path(__file__).parent / "web"
_ASSETS = {
    path.name: {".js": "text/javascript", ".css": "text/css"}[path.suffix]
    for path in sorted(_WEB.glob("*.*s"))
}
_MOST_SIDE = 4096  # pixels
_GONE = "This page is closed; load it anew."


class Visits:
    """The visits of the process, by their keys, and which browser page each is shown on."""

    def __init__(self) -> None:
        self._visits: dict[str, Visit] = {}
        self._shown: dict[str, str] = {}
        self._connected: set[str] = set()

    def find(self, key: object) -> Visit | None:
        """The visit of a key."""
        return self._visits.get(key) if isinstance(key, str) else None

    def find_free(self, key: object) -> Visit | None:
        """The visit of a key if no page shows it at this moment."""
        visit = self.find(key)
        return None if visit is None or visit.key in self._connected else visit

    def attach(self, visit: Visit, client: str) -> None:
        """A page shows it from now on."""
        self._visits[visit.key] = visit
        self._shown[visit.key] = client
        self._connected.add(visit.key)

    def detach(self, visit: Visit, client: str) -> None:
        """The page has lost its connection; it may come back."""
        if self._shown.get(visit.key) == client:
            self._connected.discard(visit.key)

    def leave(self, visit: Visit, client: str) -> None:
        """The page does not come back; unless another shows the visit by now, it is closed."""
        if self._shown.get(visit.key) == client:
            for known in (self._visits, self._shown):
                known.pop(visit.key, None)
            self._connected.discard(visit.key)
            visit.close()


def add_routes(app: FastAPI, visits: Visits) -> None:
    """Add them to an application."""

    @app.get("/studio/web/{name}", include_in_schema=False)
    async def asset(name: str) -> Response:
        if name not in _ASSETS:
            return PlainTextResponse("There is nothing here.", 404)
        return FileResponse(_WEB / name, media_type=_ASSETS[name], headers=_uncached("no-cache"))

    @app.get("/studio/{key}/picture", include_in_schema=False)
    async def picture(key: str, original: bool = False) -> Response:
        visit = visits.find(key)
        if visit is None:
            return PlainTextResponse(_GONE, 410)
        return await _shown(lambda: visit.desk.picture(original=original))

    @app.get("/studio/{key}/detail", include_in_schema=False)
    async def detail(key: str, box: str, side: int, original: bool = False) -> Response:
        visit = visits.find(key)
        edges = tuple(float(edge) for edge in box.split(",") if edge.isascii() and edge.isdigit())
        if visit is None or len(edges) != 4 or not 1 <= side <= _MOST_SIDE:
            return PlainTextResponse(_GONE, 410)
        left, top, right, bottom = edges
        return await _shown(
            lambda: visit.desk.detail((left, top, right, bottom), side, original=original)
        )

    @app.get("/studio/{key}/mask", include_in_schema=False)
    async def mask(key: str, names: str) -> Response:
        from ..protocol.requests import MaskRequest

        visit = visits.find(key)
        if visit is None:
            return PlainTextResponse(_GONE, 410)
        return await _shown(lambda: visit.desk.mask_picture(MaskRequest(names)))

    @app.get("/studio/{key}/frame", include_in_schema=False)
    async def frame(key: str) -> Response:
        visit = visits.find(key)
        if visit is None or visit.frame is None:
            return PlainTextResponse("The run has ended.", 404)
        return Response(visit.frame.data, media_type=visit.frame.mime, headers=_uncached())

    @app.get("/studio/{key}/saved", include_in_schema=False)
    async def saved(key: str) -> Response:
        visit = visits.find(key)
        if visit is None or visit.saved is None or not visit.saved.path.is_file():
            return PlainTextResponse("There is no such file any more; save it again.", 404)
        file = visit.saved
        return FileResponse(
            file.path, media_type=file.mime, filename=file.name, headers=_uncached()
        )

    @app.post("/studio/{key}/files", include_in_schema=False)
    async def files(key: str, name: str, request: Request) -> Response:
        visit = visits.find(key)
        if visit is None:
            return PlainTextResponse(_GONE, 410)
        try:
            with visit.desk.upload(name) as upload:
                async for chunk in request.stream():
                    upload.write(chunk)
            await visit.open_file(upload)
        except PhotodragError as error:
            return PlainTextResponse(str(error), 422)
        return PlainTextResponse("")


async def _shown(make: Callable[[], Picture | None]) -> Response:
    try:
        picture = await asyncio.to_thread(make)
    except PhotodragError as error:
        return PlainTextResponse(str(error), 409)
    if picture is None:
        return Response(status_code=204)
    return Response(picture.data, media_type=picture.mime, headers=_uncached())


def _uncached(how: str = "no-store") -> dict[str, str]:
    return {"Cache-Control": how}
