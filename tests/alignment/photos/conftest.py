"""Files of kinds that no library at hand writes."""

import struct
import zlib
from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray


@pytest.fixture
def make_tiff() -> Callable[..., bytes]:
    """A TIFF file of pixels (H, W, C), not compressed."""

    def make(
        pixels: NDArray[np.generic],
        tags: dict[int, tuple[int, ...] | bytes] | None = None,
        *,
        order: str = "<",
        big: bool = False,
        planar: bool = False,
        bits: int | None = None,
        packed: bytes | None = None,
    ) -> bytes:
        """`tags` beside the usual: numbers, or bytes; `packed` are pixels of odd `bits`."""
        height, width, channels = pixels.shape
        stored = pixels.astype(pixels.dtype.newbyteorder(order))
        planes = [stored[..., i].tobytes() for i in range(channels)] if planar else []
        strips = [packed] if packed is not None else planes or [stored.tobytes()]
        word, count, room = ("Q", "Q", 8) if big else ("I", "H", 4)
        found: dict[int, tuple[int, ...] | bytes] = {
            **{256: (width,), 257: (height,), 259: (1,), 277: (channels,), 278: (height,)},
            **{258: (bits or 8 * pixels.dtype.itemsize,) * channels},
            **{262: (2 if channels > 2 else 1,), 284: (2 if planar else 1,)},
            **{273: (0,) * len(strips), 279: tuple(map(len, strips))},
            **(tags or {}),
        }
        head = 16 if big else 8
        length = 12 + 2 * (room - 4)
        behind = head + struct.calcsize("<" + count) + length * len(found) + room

        def put(pixels_at: int) -> tuple[bytes, bytes]:
            entries, values = b"", b""
            places = [pixels_at + sum(map(len, strips[:i])) for i in range(len(strips))]
            for tag, value in sorted((found | {273: tuple(places)}).items()):
                kind, sign = (7, "") if isinstance(value, bytes) else (4, "I")
                data = value if sign == "" else struct.pack(f"{order}{len(value)}{sign}", *value)
                many = len(value)
                entries += struct.pack(f"{order}HH{word}", tag, kind, many)
                if len(data) <= room:
                    entries += data.ljust(room, b"\0")
                else:
                    entries += struct.pack(order + word, behind + len(values))
                    values += data
            return struct.pack(order + count, len(found)) + entries + bytes(room), values

        values = put(0)[1]
        directory, values = put(behind + len(values))
        start = b"II" if order == "<" else b"MM"
        start += struct.pack(order + "H", 43 if big else 42)
        start += struct.pack(order + "HHQ", 8, 0, 16) if big else struct.pack(order + "I", 8)
        return start + directory + values + b"".join(strips)

    return make


@pytest.fixture
def make_png() -> Callable[..., bytes]:
    """A 16-bit PNG file of pixels (H, W, C), with chunks of one's own before or behind them."""

    def make(
        pixels: NDArray[np.uint16],
        before: list[tuple[bytes, bytes]] | None = None,
        behind: list[tuple[bytes, bytes]] | None = None,
    ) -> bytes:
        height, width, channels = pixels.shape
        kind = {1: 0, 2: 4, 3: 2, 4: 6}[channels]
        header = struct.pack(">IIBBBBB", width, height, 16, kind, 0, 0, 0)
        chunks = [(b"IHDR", header), *(before or []), (b"IDAT", png_rows(pixels))]
        chunks += [*(behind or []), (b"IEND", b"")]
        return b"\x89PNG\r\n\x1a\n" + b"".join(
            struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
            for name, data in chunks
        )

    return make


def png_rows(pixels: NDArray[np.uint16]) -> bytes:
    """What an IDAT chunk holds."""
    return zlib.compress(b"".join(b"\0" + row.astype(">u2").tobytes() for row in pixels))


@pytest.fixture
def with_segment() -> Callable[[bytes, int, bytes], bytes]:
    """A JPEG with one more segment in front."""

    def put(jpeg: bytes, marker: int, content: bytes) -> bytes:
        head = bytes([0xFF, marker]) + struct.pack(">H", len(content) + 2)
        return jpeg[:2] + head + content + jpeg[2:]

    return put


@pytest.fixture
def make_xmp() -> Callable[..., bytes]:
    """A packet with attributes and elements of one description."""

    def make(attributes: str = "", elements: str = "", padding: int = 0) -> bytes:
        spaces = {
            "GCamera": "http://ns.google.com/photos/1.0/camera/",
            "Container": "http://ns.google.com/photos/1.0/container/",
            "Item": "http://ns.google.com/photos/1.0/container/item/",
            "hdrgm": "http://ns.adobe.com/hdr-gain-map/1.0/",
            "GPano": "http://ns.google.com/photos/1.0/panorama/",
            "GDepth": "http://ns.google.com/photos/1.0/depthmap/",
            "tiff": "http://ns.adobe.com/tiff/1.0/",
            "dc": "http://purl.org/dc/elements/1.1/",
            "xmpMM": "http://ns.adobe.com/xap/1.0/mm/",
            "stEvt": "http://ns.adobe.com/xap/1.0/sType/ResourceEvent#",
            "xmpNote": "http://ns.adobe.com/xmp/note/",
            "ext": "http://iptc.org/std/Iptc4xmpExt/2008-02-29/",
        }
        names = " ".join(f'xmlns:{prefix}="{space}"' for prefix, space in spaces.items())
        return (
            '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>'
            '<x:xmpmeta xmlns:x="adobe:ns:meta/">'
            '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
            f'<rdf:Description rdf:about="" {names} {attributes}>{elements}</rdf:Description>'
            f'</rdf:RDF></x:xmpmeta>{" " * padding}<?xpacket end="w"?>'
        ).encode()

    return make
