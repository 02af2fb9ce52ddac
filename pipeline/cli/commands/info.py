"""`photodrag info`: versions, devices and folders, for a bug report."""

from __future__ import annotations

import json
import os
import platform
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import click

from ..options import json_option

_PACKAGES = {  # by the name people know them by
    "photodrag": "photodrag",
    "torch": "torch",
    "numpy": "numpy",
    "OpenCV": "opencv-python-headless",
    "dlib": "dlib-bin",
    "Pillow": "Pillow",
}
_EXTRAS = {"heic": "pillow_heif", "movie": "av", "studio": "nicegui"}


@click.command(short_help="Show versions, devices and the cache, for a bug report.")
@json_option
def info(as_json: bool) -> None:
    """Show versions, devices, the cache and what is installed, for a bug report.

    Nothing of your photos is in it; the cache folder's path may hold your name.

    \b
    Examples:
      photodrag info
      photodrag info --json
    """
    values = _about()
    if as_json:
        click.echo(json.dumps(values, indent=2))
        return
    for name, text in _lines(values):
        click.echo(f"{name:<11}{text}")


def _about() -> dict[str, Any]:
    from photodrag.checkpoints.cache import CACHE_VARIABLE, cache_folder
    from photodrag.checkpoints.catalogue import DEFAULT_CHECKPOINT
    from photodrag.checkpoints.fetching import locate

    folder = cache_folder()
    return {
        "versions": {
            **{name: _version(package) for name, package in _PACKAGES.items()},
            "Python": platform.python_version(),
        },
        "system": platform.platform(),
        **_devices(),
        "cache": {
            "folder": str(folder),
            "bytes": _size(folder),
            "chosen_by": CACHE_VARIABLE if os.environ.get(CACHE_VARIABLE) else None,
        },
        "default_checkpoint": {
            "name": DEFAULT_CHECKPOINT,
            "fetched": locate(DEFAULT_CHECKPOINT) is not None,
        },
        "extras": {name: find_spec(module) is not None for name, module in _EXTRAS.items()},
    }


def _lines(values: dict[str, Any]) -> list[tuple[str, str]]:
    cache, checkpoint = values["cache"], values["default_checkpoint"]
    chosen = f", by {cache['chosen_by']}" if cache["chosen_by"] else ""
    here = "here" if checkpoint["fetched"] else "not fetched yet"
    extras = [name for name, is_there in values["extras"].items() if is_there]
    return [
        *((name, found or "not installed") for name, found in values["versions"].items()),
        ("system", values["system"]),
        ("device", "; ".join([*values["devices"], *filter(None, [values["problem"]])])),
        ("threads", str(values["threads"])),
        ("cache", f"{cache['folder']}{chosen}, {cache['bytes'] / 1e6:.1f} MB"),
        ("generator", f"{checkpoint['name']}, {here}"),
        ("extras", ", ".join(extras) or "none"),
    ]


def _devices() -> dict[str, Any]:
    """What PyTorch says; an installation in which it cannot be loaded is told, too."""
    try:
        import torch
    except (ImportError, OSError) as error:  # OSError: a library of its own is missing
        reason = " ".join(str(error).split())
        return {"devices": [], "threads": None, "problem": f"PyTorch cannot be loaded: {reason}"}
    devices = [
        f"cuda:{number}, {torch.cuda.get_device_name(number)}"
        for number in range(torch.cuda.device_count())
    ]
    devices += ["mps"] if torch.backends.mps.is_available() else []
    return {"devices": [*devices, "cpu"], "threads": torch.get_num_threads(), "problem": None}


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _size(folder: Path) -> int:
    """Bytes of all files below a folder; 0 where there is none."""
    total = 0
    for place, _, names in os.walk(folder):
        for name in names:
            try:
                total += (Path(place) / name).lstat().st_size
            except OSError:  # gone meanwhile
                continue
    return total
