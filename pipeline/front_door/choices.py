"""What people say in a word: presets and caches."""

from __future__ import annotations

from collections.abc import Mapping
from os import PathLike
from pathlib import Path
from types import MappingProxyType

from photodrag.errors import SettingsError
from photodrag.inversion.settings import PRESETS as INVERSION_PRESETS

from ..cache.inversion_cache import InversionCache, users_cache
from ..option_settings import ChangeOptions, with_inversion
from ..settings import DEFAULTS, EditSettings

PRESETS: Mapping[str, EditSettings] = MappingProxyType(
    {
        "auto": DEFAULTS,
        **{name: with_inversion(DEFAULTS, name) for name in INVERSION_PRESETS},
        "official": ChangeOptions("official").settings(DEFAULTS),
    }
)
"""Settings by name: "auto" inverts as deep as the edit needs; "default" the same way whatever it
needs, "thorough" in twice the time, "quick" in a tenth and "instant" in less, both without tuning;
"official" drags as the published DragGAN code does."""

Cache = InversionCache | str | PathLike[str] | bool | None


def choose_settings(preset: str | EditSettings) -> EditSettings:
    """The settings of a preset's name; settings are taken as they are."""
    if isinstance(preset, EditSettings):
        return preset
    if preset not in PRESETS:
        raise SettingsError(f"the preset is {preset!r:.60}; choose one of {', '.join(PRESETS)}")
    return PRESETS[preset]


def choose_cache(cache: Cache, label: str | None = None) -> InversionCache | None:
    """The cache that is meant; `label` is what the entries are listed by.

    True: the user's own, as on the command line (none where PHOTODRAG_CACHE_SIZE is 0); a path:
    a cache in that folder; None or False: none.
    """
    if isinstance(cache, InversionCache):
        return cache
    if cache is None or cache is False:
        return None
    return users_cache(label) if cache is True else InversionCache(Path(cache), label=label)
