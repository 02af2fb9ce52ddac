"""A short film of a run: few frames, however long the run is."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from io import BytesIO
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from photodrag.errors import OutputError
from photodrag.files import write_whole
from photodrag.leftovers import passing_folder

MOVIE_EXTENSIONS = {".gif": "GIF", ".webp": "WEBP", ".mp4": "MP4"}
FRAME_SIZE = 512
MOST_FRAMES = 48
_FRAME_MILLISECONDS = 60
_HOLD_MILLISECONDS = 1200  # for the first and the last frame
_WEBP_QUALITY = 85
_QUALITY = "18"  # x264's constant rate factor: no loss that one sees
_BT709 = 1  # its number for primaries and matrix
_SRGB = 13  # of the transfer curve


class Movie:
    """Frames of equal size, thinned evenly so that there are never more than `most_frames`.

    Larger frames are made smaller, to fit into a square of `size` pixels a side.

    Ask `is_due` before painting a frame: it counts a step and says whether to show it. The last
    frame of a run is added in any case.
    """

    def __init__(self, size: int = FRAME_SIZE, most_frames: int = MOST_FRAMES) -> None:
        self._size, self._most = size, max(2, most_frames)
        self._steps = 0
        self._every = 1
        self.frames: list[NDArray[np.uint8]] = []

    def is_due(self) -> bool:
        """Count one step; True if its frame is to be added."""
        self._steps += 1
        return (self._steps - 1) % self._every == 0

    def add(self, frame: NDArray[np.uint8]) -> None:
        """Add a frame, (H, W, 3) uint8 sRGB."""
        if frame.dtype != np.uint8 or frame.ndim != 3 or frame.shape[2] != 3:
            raise OutputError(
                f"the frame is {frame.dtype} of shape {frame.shape}; a movie needs uint8 (H, W, 3)"
            )
        picture = Image.fromarray(frame)
        picture.thumbnail((self._size, self._size), Image.Resampling.LANCZOS)
        frame = np.array(picture)
        if self.frames and frame.shape != self.frames[0].shape:
            raise OutputError(
                f"the frame has the shape {frame.shape}; the movie began with "
                f"{self.frames[0].shape}"
            )
        if len(self.frames) == self._most:
            self.frames = self.frames[::2]
            self._every *= 2
        self.frames.append(frame)

    def save(self, path: str | Path) -> None:
        """Write an endless .gif or .webp, or an .mp4, whole or not at all."""
        path = Path(path)
        name = check_movie(path)
        if not self.frames:
            raise OutputError(f"{path}: there is no frame to write")
        times = [_FRAME_MILLISECONDS] * len(self.frames)
        times[0] = times[-1] = _HOLD_MILLISECONDS
        if name == "MP4":
            write_whole(path, encode_mp4(self.frames, times))
            return
        pictures = [Image.fromarray(frame) for frame in self.frames]
        file = BytesIO()
        pictures[0].save(
            file,
            name,
            save_all=True,
            append_images=pictures[1:],
            duration=times if len(times) > 1 else times[0],
            loop=0,
            **({"quality": _WEBP_QUALITY} if name == "WEBP" else {}),
        )
        write_whole(path, file.getvalue())


def check_movie(path: Path) -> str:
    """The format of a movie's file; OutputError for one that cannot be written."""
    try:
        name = MOVIE_EXTENSIONS[path.suffix.lower()]
    except KeyError:
        raise OutputError(
            f"{path}: the extension {path.suffix!r} names no movie; "
            f"use one of {', '.join(MOVIE_EXTENSIONS)}"
        ) from None
    if name == "MP4":
        check_mp4(path)
    return name


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
    with passing_folder() as folder:
        place = folder / "film.mp4"  # a file: the index is put in front by reading it again
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
