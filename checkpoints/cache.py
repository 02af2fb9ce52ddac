"""Where photodrag keeps what it fetched; nothing is made here until something is written."""

from __future__ import annotations

import os
import stat
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


def inversion_folder() -> Path:
    """The folder of kept inversions inside the cache; it may not exist yet."""
    return cache_folder() / "inversions"


def make_folder(folder: Path, *, private: bool = False) -> Path:
    """Make a folder of the cache where it is missing, and return it.

    A private one is open to its owner only, whatever it was before.
    """
    try:
        folder.mkdir(0o700 if private else 0o777, parents=True, exist_ok=True)
        if private and stat.S_IMODE(folder.stat().st_mode) != 0o700:
            folder.chmod(0o700)
    except OSError as error:
        raise OutputError(
            f"the cache folder {folder} cannot be made: {error.strerror or error}; set "
            f"{CACHE_VARIABLE} to a folder that can be written to"
        ) from error
    return folder
