"""A finished edit as a program or a notebook uses it."""

from __future__ import annotations

from dataclasses import dataclass
from os import PathLike
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from photodrag.alignment import Photo

from ..edit.values import EditResult
from ..results.compare import compare_picture
from ..results.report import make_report


@dataclass(frozen=True, eq=False, repr=False)
class EditedPhoto:
    """An edited photo, and what was done to it; `result` has every value on the way."""

    result: EditResult

    @property
    def photo(self) -> Photo:
        """The edited photo, of the size, format and colour space of the one that was given."""
        return self.result.photo

    @property
    def image(self) -> Image.Image:
        """The edited photo for Pillow: 8 bits, sRGB, with alpha where the photo has it."""
        return self.photo.to_image()

    @property
    def changed(self) -> NDArray[np.bool_]:
        """(H, W): the only pixels that may differ from the photo that was given."""
        return self.result.changed

    @property
    def arrived(self) -> bool:
        """Whether every handle came near enough to its target."""
        return self.result.arrived

    def report(self) -> dict[str, Any]:
        """What was done and how well, as plain values for JSON: the command line's `--report`."""
        return make_report(self.result)

    def compare(self, height: int = 512) -> Image.Image:
        """Before and after, side by side, each of a height in pixels."""
        return Image.fromarray(compare_picture(self.result, height))

    def save(
        self,
        to: str | PathLike[str] | BinaryIO,
        format: str | None = None,  # noqa: A002
        *,
        mark: bool = True,
    ) -> None:
        """Write the edited photo to a path or a binary file; see `Photo.save`."""
        self.photo.save(to, format, mark=mark)

    def __repr__(self) -> str:
        done = "arrived" if self.arrived else "did not arrive"
        count = len(self.result.points)
        seconds = sum(self.result.seconds.values())
        return f"<EditedPhoto {self.photo!r} {count} points, {done}, {seconds:.1f} s>"

    def _repr_png_(self) -> bytes:
        """What a notebook shows."""
        return self.photo._repr_png_()
