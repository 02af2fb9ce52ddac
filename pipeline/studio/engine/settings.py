"""What a studio may use: how it computes, and how much a page may bring."""

from __future__ import annotations

from dataclasses import dataclass, field

from photodrag.checks import check_whole

from ...settings import EditSettings


@dataclass(frozen=True)
class StudioSettings:
    """Settings of one `Studio`.

    `edit` names the checkpoint and says how photos are inverted. `cache` is whether the user's
    cache of inversions is used, as on the command line. `most_bytes` bounds one upload,
    `most_pixels` a photo, `most_session_bytes` what an opened session holds when it is unpacked,
    `most_desks` the pages that are open at once. `preview_side` is the longest side of what is
    shown, in pixels.
    """

    edit: EditSettings = field(default_factory=EditSettings)
    device: str = "auto"
    cache: bool = True
    most_bytes: int = 640 * 2**20
    most_pixels: int = 120_000_000
    most_session_bytes: int = 2 * 2**30
    preview_side: int = 2048
    most_desks: int = 32

    def __post_init__(self) -> None:
        for name in ("most_bytes", "most_pixels", "most_session_bytes", "most_desks"):
            check_whole(name, getattr(self, name), 1)
        check_whole("preview_side", self.preview_side, 64, 8192)
