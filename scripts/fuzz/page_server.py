"""A studio to send requests to, with one page open that shows nothing yet; ends with its starter.

    python -m scripts.fuzz.page_server FILE

FILE gets its port, its secrets and the page's key, as JSON, once it answers.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import threading
from pathlib import Path

from photodrag.files import write_whole
from photodrag.pipeline.studio import Studio, StudioSettings
from photodrag.pipeline.studio.page.controller import Controller
from photodrag.pipeline.studio.server.connections import ConnectionLimits
from photodrag.pipeline.studio.server.guard import Access
from photodrag.pipeline.studio.server.server import Server, listen

_HOST = "127.0.0.1"
_MOST_BYTES = 2**20


def main() -> None:
    """Serve until the standard input ends."""
    told = Path(sys.argv[1])
    taken = listen(_HOST, 0)
    access = Access(_HOST, taken.getsockname()[1])
    studio = Studio(StudioSettings(device="cpu", cache=False))
    server = Server(lambda: studio, access, _MOST_BYTES, limits=ConnectionLimits(1.0, 1.0))

    def ready() -> None:
        controller = Controller(studio, asyncio.get_running_loop())
        server.show(controller, "fuzz")
        about = {
            "port": access.port,
            "cookie": f"{access.cookie}={access.pass_key}",
            "token": access.token,
            "key": controller.key,
        }
        write_whole(told, json.dumps(about).encode())

    def wait() -> None:
        os.read(0, 1)
        server.stop()

    threading.Thread(target=wait, daemon=True).start()
    server.run(taken, ready)


if __name__ == "__main__":
    main()
