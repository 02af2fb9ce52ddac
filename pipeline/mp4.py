"""Films as MP4: H.264 as browsers and phones play it, with the extra `movie`."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray

from photodrag.errors import OutputError

_QUALITY = "18"  # x264's constant rate factor: no loss that one sees
_BT709 = 1  # its number for primaries and matrix
_SRGB = 13  # of the transfer curve


def check_mp4(path: Path) -> None:
    """OutputError where the extra is missing."""
    try:
        import av  # noqa: F401, PLC0415 - an optional extra
    except ImportError as error:
        raise OutputError(
            f"{path}: MP4 needs the extra `movie`: pip install 'photodrag[movie]'; "
            ".gif and .webp need none"
        ) from error


def encode_mp4(frames: Sequence[NDArray[np.uint8]], milliseconds: Sequence[int]) -> bytes:
    """An MP4 file of frames (H, W, 3) uint8 sRGB, each shown for its time.

    H.264 with yuv420p and its index in front, so that it plays while it loads. All frames last
    equally long, as players expect; longer ones are repeated. An odd last row or column is
    repeated, too. The same bytes for the same frames and libraries.
    """
    import av  # noqa: PLC0415 - an optional extra
    from av.video.reformatter import ColorRange  # noqa: PLC0415

    unit = np.gcd.reduce(np.array(milliseconds))
    rate = Fraction(1000, int(unit))
    height, width = frames[0].shape[:2]
    with TemporaryDirectory(prefix="photodrag-") as folder:
        place = Path(folder) / "film.mp4"  # a file: the index is put in front by reading it again
        options = {"movflags": "+faststart", "fflags": "+bitexact"}
        with av.open(str(place), "w", format="mp4", options=options) as file:
            stream = file.add_stream("libx264", rate=rate)
            stream.width, stream.height = width + width % 2, height + height % 2
            stream.pix_fmt = "yuv420p"
            stream.options = {"crf": _QUALITY, "threads": "1"}
            context = stream.codec_context
            context.colorspace = context.color_primaries = _BT709
            context.color_trc, context.color_range = _SRGB, ColorRange.MPEG
            count = 0
            for frame, time in zip(frames, milliseconds, strict=True):
                padded = np.pad(frame, ((0, height % 2), (0, width % 2), (0, 0)), mode="edge")
                picture = av.VideoFrame.from_ndarray(padded, format="rgb24").reformat(
                    format="yuv420p", dst_colorspace="ITU709", dst_color_range="MPEG"
                )
                picture.time_base = 1 / rate
                for _ in range(time // int(unit)):
                    picture.pts = count
                    count += 1
                    file.mux(stream.encode(picture))
            file.mux(stream.encode())
        return place.read_bytes()
