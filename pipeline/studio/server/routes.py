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
    from ..page.controller import Controller
    from ..protocol.views import Picture

_WEB = Path(__file__).parents[1] / "page" / "web"
_ASSETS = {
    path.name: {".js": "text/javascript", ".css": "text/css"}[path.suffix]
    for path in sorted(_WEB.glob("*.*s"))
}
_MOST_SIDE = 4096  # pixels
_GONE = "This page is closed; load it anew."


class Visits:
    """The visits of the process, by their keys, and which browser page each is shown on."""

    def __init__(self) -> None:
        self._controllers: dict[str, Controller] = {}
        self._shown: dict[str, str] = {}
        self._connected: set[str] = set()

    def find(self, key: object) -> Controller | None:
        """The visit of a key."""
        return self._controllers.get(key) if isinstance(key, str) else None

    def find_free(self, key: object) -> Controller | None:
        """The visit of a key if no page shows it at this moment."""
        controller = self.find(key)
        return None if controller is None or controller.key in self._connected else controller

    def attach(self, controller: Controller, client: str) -> None:
        """A page shows it from now on."""
        self._controllers[controller.key] = controller
        self._shown[controller.key] = client
        self._connected.add(controller.key)

    def detach(self, controller: Controller, client: str) -> None:
        """The page has lost its connection; it may come back."""
        if self._shown.get(controller.key) == client:
            self._connected.discard(controller.key)

    def leave(self, controller: Controller, client: str) -> None:
        """The page does not come back; unless another shows the visit by now, it is closed."""
        if self._shown.get(controller.key) == client:
            for known in (self._controllers, self._shown):
                known.pop(controller.key, None)
            self._connected.discard(controller.key)
            controller.close()


def add_routes(app: FastAPI, controllers: Visits) -> None:
    """Add them to an application."""
    _add_pictures(app, controllers)
    _add_files(app, controllers)


def _add_pictures(app: FastAPI, controllers: Visits) -> None:
    """What the page shows: the photo, parts of it, masks and frames."""

    @app.get("/studio/{key}/picture", include_in_schema=False)
    async def picture(key: str, original: bool = False) -> Response:
        controller = controllers.find(key)
        if controller is None:
            return PlainTextResponse(_GONE, 410)
        return await _shown(lambda: controller.workspace.picture(original=original))

    @app.get("/studio/{key}/detail", include_in_schema=False)
    async def detail(key: str, box: str, side: int, original: bool = False) -> Response:
        controller = controllers.find(key)
        edges = tuple(float(edge) for edge in box.split(",") if edge.isascii() and edge.isdigit())
        if controller is None or len(edges) != 4 or not 1 <= side <= _MOST_SIDE:
            return PlainTextResponse(_GONE, 410)
        left, top, right, bottom = edges
        return await _shown(
            lambda: controller.workspace.detail((left, top, right, bottom), side, original=original)
        )

    @app.get("/studio/{key}/mask", include_in_schema=False)
    async def mask(key: str, names: str) -> Response:
        from ..protocol.requests import MaskRequest

        controller = controllers.find(key)
        if controller is None:
            return PlainTextResponse(_GONE, 410)
        return await _shown(lambda: controller.workspace.mask_picture(MaskRequest(names)))

    @app.get("/studio/{key}/frame", include_in_schema=False)
    async def frame(key: str) -> Response:
        controller = controllers.find(key)
        if controller is None or controller.frame is None:
            return PlainTextResponse("The run has ended.", 404)
        return Response(
            controller.frame.data, media_type=controller.frame.mime, headers=_uncached()
        )


def _add_files(app: FastAPI, controllers: Visits) -> None:
    """What the page is made of, and what is brought and saved."""

    @app.get("/studio/web/{name}", include_in_schema=False)
    async def asset(name: str) -> Response:
        if name not in _ASSETS:
            return PlainTextResponse("There is nothing here.", 404)
        return FileResponse(_WEB / name, media_type=_ASSETS[name], headers=_uncached("no-cache"))

    @app.get("/studio/{key}/saved", include_in_schema=False)
    async def saved(key: str) -> Response:
        controller = controllers.find(key)
        if controller is None or controller.saved is None or not controller.saved.path.is_file():
            return PlainTextResponse("There is no such file any more; save it again.", 404)
        file = controller.saved
        return FileResponse(
            file.path, media_type=file.mime, filename=file.name, headers=_uncached()
        )

    @app.post("/studio/{key}/files", include_in_schema=False)
    async def files(key: str, name: str, request: Request) -> Response:
        controller = controllers.find(key)
        if controller is None:
            return PlainTextResponse(_GONE, 410)
        try:
            with controller.workspace.upload(name) as upload:
                async for chunk in request.stream():
                    upload.write(chunk)
            await controller.open_file(upload)
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
