"""Contact sheets: pictures in lines, so that people can look at what the numbers say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

_TITLE_HEIGHT = 18
_QUALITY = 88
_DOT, _GOAL, _SHADE = "#ff3b30", "#2fd07c", "#000000"


@dataclass(frozen=True, eq=False)
class Tile:
    """A picture (H, W, 3) uint8; `goals` and `dots` (N, 2) in its pixels are drawn on it.

    `label` is written along its upper edge.
    """

    pixels: NDArray[np.uint8]
    goals: NDArray[np.float64] | None = None
    dots: NDArray[np.float64] | None = None
    label: str = ""


class ContactSheets:
    """Lines of tiles, written as JPEGs of a few lines each into a folder; None writes nothing."""

    def __init__(
        self,
        folder: Path | None,
        name: str,
        titles: Sequence[str],
        side: int = 256,
        lines_per_sheet: int = 6,
    ):
        self.folder, self.name, self.titles = folder, name, tuple(titles)
        self.side, self.lines_per_sheet = side, lines_per_sheet
        self._lines: list[list[Image.Image]] = []
        self._written = 0

    def add(self, tiles: Sequence[Tile]) -> None:
        """One line."""
        if self.folder is None:
            return
        self._lines.append([_draw(tile, self.side) for tile in tiles])
        if len(self._lines) == self.lines_per_sheet:
            self.finish()

    def finish(self) -> None:
        """Write the lines that are not yet written."""
        if self.folder is None or not self._lines:
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        width = self.side * max(len(self.titles), *(len(line) for line in self._lines))
        top = _TITLE_HEIGHT if self.titles else 0
        sheet = Image.new("RGB", (width, top + self.side * len(self._lines)), "white")
        draw = ImageDraw.Draw(sheet)
        for column, title in enumerate(self.titles):
            draw.text((column * self.side + 4, 3), title, "black")
        for row, line in enumerate(self._lines):
            for column, picture in enumerate(line):
                sheet.paste(picture, (column * self.side, top + row * self.side))
        self._written += 1
        sheet.save(self.folder / f"{self.name}-{self._written:02d}.jpg", quality=_QUALITY)
        self._lines = []


def _draw(tile: Tile, side: int) -> Image.Image:
    picture = Image.fromarray(tile.pixels).resize((side, side), Image.Resampling.LANCZOS)
    draw = ImageDraw.Draw(picture)
    scale = side / tile.pixels.shape[1]
    for positions, color, radius in ((tile.goals, _GOAL, 2.2), (tile.dots, _DOT, 1.4)):
        for x, y in () if positions is None else ((positions + 0.5) * scale - 0.5).tolist():
            draw.ellipse((x - radius, y - radius, x + radius, y + radius), color, _SHADE)
    if tile.label:
        draw.rectangle((0, 0, side, _TITLE_HEIGHT), _SHADE)
        draw.text((4, 3), tile.label, "white")
    return picture
