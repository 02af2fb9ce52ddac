"""Where photodrag keeps what it fetched; nothing is made here until something is written."""

from __future__ import annotations

import os
from pathlib import Path

from platformdirs import user_cache_path

from photodrag.errors import OutputError

CACHE_VARIABLE = "PHOTODRAG_CACHE"
"""The environment variable that names another cache folder."""


def cache_folder() -> Path:
    """The cache folder: $PHOTODRAG_CACHE if set, else the user's cache; it may not exist yet."""
    chosen = os.environ.get(CACHE_VARIABLE)
    return Path(chosen).expanduser() if chosen else user_cache_path("photodrag", appauthor=False)


def checkpoint_folder() -> Path:
    """The folder of fetched checkpoints inside the cache; it may not exist yet."""
    return cache_folder() / "checkpoints"


def make_folder(folder: Path) -> Path:
    """Make a folder of the cache where it is missing, and return it."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(
            f"the cache folder {folder} cannot be made: {error.strerror or error}; set "
            f"{CACHE_VARIABLE} to a folder that can be written to"
        ) from error
    return folder
