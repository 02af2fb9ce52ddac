"""How a face is painted before its drag: the same for every edit, so it is made once and kept."""

from __future__ import annotations

from photodrag.alignment import FaceCrop
from photodrag.inversion import Inversion

from ..cache.keys import rendering_key
from ..guide.painted_face import RenderedFace, painted_landmarks
from ..guide.painting import paint
from .invert_run import InvertRun
from .values import Start

_SMALL, _WHOLE = "small", "whole"


class FirstRenderings:
    """The small painting that a drag begins with, and the whole one that its end is compared with.

    Where the start does not have them, they come from the cache of the inversion; what was made
    is put there by `keep`, but for a start that has moved on from the inversion.
    """

    def __init__(self, invert: InvertRun, start: Start):
        self._invert, self._start = invert, start
        kept = invert.kept
        self._small = start.rendering
        if self._small is None and start.latent is None and kept is not None:
            self._small = self._read(_SMALL, kept)
        self._whole = start.base_rendering
        if self._whole is None and start.base_latent is None and kept is not None:
            self._whole = self._read(_WHOLE, kept)

    @property
    def small(self) -> RenderedFace | None:
        """At the latent where the drag begins, where that is known."""
        return self._small

    def whole(self, inversion: Inversion, crop: FaceCrop) -> RenderedFace:
        """Of what the base of the edit shows, at full size; `inversion` is the finished one.

        `crop` has the base's landmarks.
        """
        if self._whole is not None:
            return self._whole
        image = paint(inversion.generator, self._start.base_latent or inversion.latent)
        return RenderedFace(image, painted_landmarks(image, crop))

    def keep(self, inversion: Inversion, small: RenderedFace | None, whole: RenderedFace) -> None:
        """Keep what the edit has seen for the next one."""
        if self._small is None and self._start.latent is None and small is not None:
            self._write(_SMALL, inversion, small)
        if self._whole is None and self._start.base_latent is None:
            self._write(_WHOLE, inversion, whole)

    def _read(self, kind: str, inversion: Inversion) -> RenderedFace | None:
        cache, key = self._invert.cache, self._invert.key
        if cache is None or key is None:
            return None
        return cache.read_rendering(rendering_key(key, inversion.latent, kind))

    def _write(self, kind: str, inversion: Inversion, rendering: RenderedFace) -> None:
        cache, key = self._invert.cache, self._invert.key
        if cache is not None and key is not None:
            cache.write_rendering(rendering_key(key, inversion.latent, kind), rendering, key)
