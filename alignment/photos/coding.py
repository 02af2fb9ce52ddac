"""How a file was compressed, so that a copy of it is compressed the same way."""

from __future__ import annotations

from dataclasses import dataclass

from PIL import Image, JpegImagePlugin

_AVIF_HEAD = 65_536  # bytes in which the description of the picture stands


@dataclass(frozen=True)
class JpegCoding:
    """How a JPEG file was compressed, so that a copy of it loses no more than it must."""

    tables: tuple[tuple[int, ...], ...]
    """Quantisation tables, 64 numbers each, in the order of the components; the last one serves
    those that follow it."""
    subsampling: int
    """Of colour: 0 is 4:4:4, 1 is 4:2:2, 2 is 4:2:0."""
    progressive: bool = False


def jpeg_coding(image: Image.Image) -> JpegCoding | None:
    """None for other files, and for those whose tables are not made for YCbCr: CMYK, RGB, XYB."""
    if not isinstance(image, JpegImagePlugin.JpegImageFile) or image.mode not in ("L", "RGB"):
        return None
    if image.mode == "RGB" and not _is_ycc(image):
        return None
    tables = [tuple(image.quantization[layer[3]]) for layer in image.layer]
    while len(tables) > 1 and tables[-1] == tables[-2]:
        tables.pop()
    subsampling = JpegImagePlugin.get_sampling(image)
    progressive = bool(image.info.get("progressive"))
    # -1 is one that cannot be written: 4:4:4 then, which loses nothing
    return JpegCoding(tuple(tables), max(subsampling, 0), progressive)


def _is_ycc(image: JpegImagePlugin.JpegImageFile) -> bool:
    """Whether three components are YCbCr, as libjpeg decides it."""
    if "jfif" in image.info:
        return True
    if "adobe_transform" in image.info:
        return bool(image.info["adobe_transform"])
    return [layer[0] for layer in image.layer] != [ord("R"), ord("G"), ord("B")]


def is_lossy_webp(data: bytes) -> bool:
    """Walk the RIFF chunks to the first picture."""
    place = 12
    while place + 8 <= len(data):
        name, length = (
            data[place : place + 4],
            int.from_bytes(data[place + 4 : place + 8], "little"),
        )
        if name == b"VP8 ":
            return True
        if name == b"VP8L":
            return False
        # an animation's frame holds its picture after 16 bytes of its own
        place += 24 if name == b"ANMF" else 8 + length + length % 2
    return False


def avif_coding(data: bytes) -> tuple[str | None, int]:
    """Chroma subsampling ("4:2:0", ...) and bits per channel; None and 8 where nothing tells them.

    From the box av1C (AV1 in ISOBMFF, 2.3.3) of the first picture.
    """
    place = data.find(b"av1C", 0, _AVIF_HEAD)
    if place < 0 or place + 7 > len(data):
        return None, 8
    flags = data[place + 6]
    depth = 8 if not flags & 0x40 else 12 if flags & 0x20 else 10
    if flags & 0x10:
        return "4:0:0", depth
    return {0x00: "4:4:4", 0x08: "4:2:2", 0x0C: "4:2:0"}.get(flags & 0x0C), depth
