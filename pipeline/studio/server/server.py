"""The studio's web server: it listens, hands out pages, and ends without leaving anything."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import uvicorn
from fastapi import FastAPI
from nicegui import Client, app, ui

from photodrag.errors import PhotodragError, StudioError
from photodrag.logs import room_logger

from .connections import ConnectionLimits, bounded_protocol
from .guard import Access, Guard
from .routes import Visits, add_routes

if TYPE_CHECKING:
    from ..engine.studio import Studio
    from ..page.controller import Controller

_RECONNECT = 10.0  # seconds in which a page may come back, by itself or by a reload
_GRACEFUL = 2  # seconds for open connections when the server ends
_MOST_MESSAGE = 2**21  # bytes from the page at once
_VISIT = "visit"
# What libraries say of strange requests in the terminal: connections that are cut off, pages that
# there are not, sessions that nobody has. NiceGUI's errors stay, as they are bugs of the page.
_TALKERS = {
    "uvicorn.error": logging.CRITICAL,
    "engineio.server": logging.CRITICAL,
    "nicegui": logging.ERROR,
}


def listen(address: str, port: int) -> socket.socket:
    """Take the port of an address, 0 for any free one; StudioError if it cannot be had."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    taken = socket.socket(family, socket.SOCK_STREAM)
    try:
        if os.name == "posix":  # a port that was in use a moment ago
            taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind((address, port))
        taken.listen()
    except (OSError, OverflowError) as error:
        taken.close()
        raise StudioError(
            f"cannot listen on {address} port {port}: {error}; choose another --port, or leave "
            "it out"
        ) from error
    return taken


def outer_address() -> str | None:
    """The machine's address in its network, or None; nothing is sent to find it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # a network that is nowhere, for documentation
        except OSError:
            return None
        return str(probe.getsockname()[0])


class Server:
    """Serves a studio on a socket of `listen`; one for each process.

    `make_studio` is called in a thread while the first page is shown. `photo` is what each page
    begins with, `most_bytes` bounds an upload.
    """

    def __init__(
        self,
        make_studio: Callable[[], Studio],
        access: Access,
        most_bytes: int,
        photo: Path | None = None,
        limits: ConnectionLimits = ConnectionLimits(),  # noqa: B008 - it is frozen
    ):
        self._make_studio, self._photo = make_studio, photo
        self._controllers = Visits()
        self._loading: asyncio.Task[Studio] | None = None
        self._studio: Studio | None = None
        self._failure: BaseException | None = None
        inner = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
        add_routes(inner, self._controllers)
        ui.page("/", title="photodrag studio", reconnect_timeout=_RECONNECT)(self._make_page())
        ui.run_with(
            inner,
            title="photodrag studio",
            favicon=Path(__file__).parents[1] / "page" / "web" / "icon.svg",
            dark=None,
            language="en-US",
            tailwind=False,
            reconnect_timeout=_RECONNECT,
            gzip_middleware_factory=None,
            show_welcome_message=False,
            cache_control_directives="private, max-age=3600",
        )
        guard = Guard(inner, access, lambda path: most_bytes if path.endswith("/files") else 0)
        self._server = uvicorn.Server(
            uvicorn.Config(
                guard,
                log_config=None,
                access_log=False,
                server_header=False,
                proxy_headers=False,
                http=bounded_protocol(limits),
                ws_max_size=_MOST_MESSAGE,
                timeout_graceful_shutdown=_GRACEFUL,
                lifespan="on",
            )
        )

    def run(self, taken: socket.socket, ready: Callable[[], None] = lambda: None) -> None:
        """Serve until `stop` or Ctrl-C; `ready` is called once pages can be fetched.

        What `make_studio` raises ends it, too, and is raised again.
        """

        def begin() -> None:
            self._loading = asyncio.create_task(asyncio.to_thread(self._load))
            ready()

        app.on_startup(begin)
        with _ended_by_signals(self.stop), _bugs_shown():
            self._server.run(sockets=[taken])
        if self._studio is not None:
            self._studio.close()
        if self._failure is not None:
            raise self._failure

    def stop(self) -> None:
        """End it, from any thread."""
        self._server.should_exit = True

    def show(self, controller: Controller, page: str) -> None:
        """Answer under the key of a visit that no browser has begun; `page` names it."""
        self._controllers.attach(controller, page)

    def _make_page(self) -> Callable[[Client], object]:
        async def index(client: Client) -> None:
            ui.add_head_html('<link rel="stylesheet" href="/studio/web/studio.css">')
            with ui.element("div").classes("pd-starting") as starting:
                ui.spinner(size="28px", color=None)
                words = ui.label("The studio is starting …")
                words.props["role"] = "status"
            await client.connected()
            assert self._loading is not None, "the server has begun"
            studio = await asyncio.shield(self._loading)
            if client.is_deleted:
                return
            from ..page.page import Page

            try:
                controller, is_new = self._controller(studio, client)
            except PhotodragError as error:
                words.set_text(str(error))
                return
            starting.delete()
            Page(controller, client)
            if is_new and self._photo is not None:
                await controller.open_file(self._photo)

        return index

    def _load(self) -> Studio:
        try:
            from ..page import page  # noqa: F401 - with all that it needs

            self._studio = self._make_studio()
        except BaseException as error:
            self._failure = error
            self.stop()
            raise
        return self._studio

    def _controller(self, studio: Studio, client: Client) -> tuple[Controller, bool]:
        """The tab's visit from before a reload, or a new one; whether it is new."""
        controller = self._controllers.find_free(app.storage.tab.get(_VISIT))
        is_new = controller is None
        if controller is None:
            from ..page.controller import Controller

            controller = Controller(studio, asyncio.get_running_loop())
        app.storage.tab[_VISIT] = controller.key
        self._controllers.attach(controller, client.id)
        client.on_disconnect(lambda: self._controllers.detach(controller, client.id))
        client.on_connect(lambda: self._controllers.attach(controller, client.id))
        client.on_delete(lambda: self._controllers.leave(controller, client.id))
        return controller, is_new


@contextmanager
def _ended_by_signals(stop: Callable[[], None]) -> Iterator[None]:
    """Ctrl-C, a plain `kill` and a closed terminal are how a server ends: no traceback for them.

    Uvicorn ends at the first two, and sends the signal once more when it is done.
    """
    levels = {name: logging.getLogger(name).level for name in _TALKERS}
    for name, most in _TALKERS.items():
        logging.getLogger(name).setLevel(most)
    former: dict[int, Any] = {}
    if threading.current_thread() is threading.main_thread():
        former[signal.SIGTERM] = signal.signal(signal.SIGTERM, signal.default_int_handler)
        if hasattr(signal, "SIGHUP"):
            former[signal.SIGHUP] = signal.signal(signal.SIGHUP, lambda *_: stop())
    try:
        yield
    except KeyboardInterrupt:
        pass
    finally:
        for name, level in levels.items():
            logging.getLogger(name).setLevel(level)
        for number, handler in former.items():
            signal.signal(number, handler)


@contextmanager
def _bugs_shown() -> Iterator[None]:
    """What goes wrong inside stands in the terminal, unless the program has it logged elsewhere."""
    log, usual = room_logger("studio"), logging.lastResort
    if usual is None or logging.getLogger().handlers:
        yield
        return
    log.addHandler(usual)
    try:
        yield
    finally:
        log.removeHandler(usual)
