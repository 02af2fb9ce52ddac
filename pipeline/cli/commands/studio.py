"""`photodrag studio`: a page to drag on, in the browser."""

from __future__ import annotations

import ipaddress
import webbrowser
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

import click

from photodrag.errors import PhotoError, SettingsError, StudioError

from ..errors_as_lines import say
from ..help_pages import TitledCommand
from ..option_groups import InversionOptions, inversion_options
from ..options import FILE, cache_option, device_option
from ..progress import fetch_checkpoint
from ..set_option import OF_INVERSION, SetOptions, set_option

if TYPE_CHECKING:
    from ...studio import Studio

_HERE = "127.0.0.1"


@click.command(cls=TitledCommand)
@click.argument("photo", type=FILE, required=False)
@click.option(
    "--port",
    type=click.IntRange(1, 65535),
    metavar="N",
    help="Where the page is served; unless given, at any port that is free.",
)
@click.option(
    "--listen",
    default=_HERE,
    show_default=True,
    metavar="ADDRESS",
    help="Let other machines in: an address of this one, or 0.0.0.0 for all. Not encrypted.",
)
@click.option("--no-browser", is_flag=True, help="Only print the address.")
@inversion_options
@set_option(*OF_INVERSION)
@device_option
@cache_option
def studio(
    *,
    photo: Path | None,
    port: int | None,
    listen: str,
    no_browser: bool,
    inversion: InversionOptions,
    given: SetOptions,
    device: str,
    no_cache: bool,
) -> None:
    """Edit a photo with mouse or finger, on a page in the browser.

    The page is served by this command, for this machine only; nothing is sent anywhere. Its
    address holds a key: who has it can use the page. Ctrl-C ends it.

    \b
    Examples:
      photodrag studio
      photodrag studio me.jpg
      photodrag studio --listen 0.0.0.0 --port 8080 --no-browser
    """
    try:
        import nicegui as _  # noqa: F401
    except ModuleNotFoundError as error:
        raise StudioError("the studio needs NiceGUI: pip install 'photodrag[studio]'") from error
    from ...studio.engine.settings import StudioSettings
    from ...studio.server.guard import Access
    from ...studio.server.server import Server, outer_address
    from ...studio.server.server import listen as take_port

    if photo is not None and not photo.is_file():
        raise PhotoError(f"{photo}: there is no such file; check the name and the folder")
    try:
        address = ipaddress.ip_address(listen)
    except ValueError as error:
        raise SettingsError(
            f"--listen is {listen!r:.60}; it must be an address in numbers, as 192.168.1.5"
        ) from error
    settings = StudioSettings(given.on(inversion.settings()), device, cache=not no_cache)
    taken = take_port(listen, port or 0)
    access = Access(listen, taken.getsockname()[1])

    def make_studio() -> Studio:
        from photodrag.device import choose_device

        from ...runtime.memory import keep_freed_memory
        from ...studio import Studio

        keep_freed_memory()
        choose_device(device)  # refuses one that is not there
        fetch_checkpoint(settings.edit.checkpoint)
        return Studio(settings)

    def ready() -> None:
        say(f"the studio is at {access.url}")
        outer = outer_address() if access.everywhere else None
        if outer is not None:
            say(f"from other machines: {access.url_at(outer)}")
        say("Ctrl-C ends it")
        if not no_browser:
            Thread(target=webbrowser.open, args=(access.url,), daemon=True).start()

    if not address.is_loopback:
        say(
            f"warning: listening on {listen}: who can reach this machine and has the address can "
            "use it and see the photos opened with it; what goes over the net is not encrypted"
        )
    server = Server(make_studio, access, settings.most_bytes, photo)
    server.run(taken, ready)
    say("the studio is closed")
