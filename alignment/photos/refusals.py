"""Why a file is no photo that can be edited: what it is instead, and what to do with it."""

from __future__ import annotations

from pathlib import PurePath

from .jpeg_parts import jpeg_precision
from .tiff_head import DNG_VERSION, SUB_DIRECTORIES, SUBFILE, read_head

_RAW_EXTENSIONS = frozenset(
    (
        *(".3fr", ".arw", ".cr2", ".cr3", ".dcr", ".dng", ".erf", ".fff", ".iiq", ".kdc", ".mef"),
        *(".mos", ".mrw", ".nef", ".nrw", ".orf", ".pef", ".raf", ".raw", ".rw2", ".rwl", ".sr2"),
        *(".srf", ".srw", ".x3f"),
    )
)
_RAW_HEADS = (b"IIRO", b"IIRS", b"MMOR", b"IIU\0", b"FUJIFILMCCD-RAW", b"FOVb", b"\0MRM")
_OTHERS = {  # how files begin that are pictures for people, and what they are
    b"\0\0\0\x0cJXL ": "a JPEG XL picture",
    b"\xff\x0a": "a JPEG XL picture",
    b"\0\0\0\x0cjP  ": "a JPEG 2000 picture",
    b"\xff\x4f\xff\x51": "a JPEG 2000 picture",
    b"8BPS": "a Photoshop document",
    b"gimp xcf": "a GIMP document",
    b"%PDF": "a PDF document",
    b"v/1\x01": "an OpenEXR picture",
    b"#?RADIANCE": "a Radiance HDR picture",
    b"\x89JNG": "a JNG picture",
    b"qoif": "a QOI picture",
    b"\x1aE\xdf\xa3": "a film",
}
_RAW = (
    "this is a camera's raw file, of which only a small preview could be read; develop it to a "
    "TIFF or JPEG first"
)
_PREVIEW = (
    "its first picture is a small preview of another one in the file; save that one as a file of "
    "its own"
)


def refusal_of_raw(data: bytes, name: str) -> str | None:
    """Why a file is refused of which only a preview would be read; None for others."""
    if data.startswith(_RAW_HEADS) or data[4:12] == b"ftypcrx ":
        return _RAW
    head = read_head(data)
    if head is None:
        return None
    reduced = bool(head.number(SUBFILE, 0) & 1)
    by_name = PurePath(name).suffix.lower() in _RAW_EXTENSIONS
    in_front = reduced and SUB_DIRECTORIES in head.tags
    if DNG_VERSION in head.tags or in_front or by_name or data[8:10] == b"CR":
        return _RAW
    return _PREVIEW if reduced and head.next else None


def refusal_of_unknown(data: bytes, readable: str) -> str:
    """Why a file is refused that no decoder knows; `readable` names the formats that are read."""
    for begin, what in _OTHERS.items():
        if data.startswith(begin):
            return f"this is {what}, which is not read; save it as a PNG or JPEG"
    if data[4:8] == b"ftyp" and data[8:11] in (b"mp4", b"iso", b"qt ", b"M4V", b"3gp", b"avc"):
        return "this is a film; take a picture out of it first"
    head = read_head(data)
    if head is not None and head.is_big and head.order == ">":
        return "a BigTIFF with the high bytes first, which cannot be read; save it as a plain TIFF"
    if head is not None:
        return (
            "a TIFF whose pixels cannot be read (floats, further channels, or an unusual number of "
            "bits); save it with 8 or 16 bits per channel, grey or RGB"
        )
    if data.startswith(b"\xff\xd8") and jpeg_precision(data) not in (None, 8):
        return f"a JPEG with {jpeg_precision(data)} bits per channel; save it with 8, or as a TIFF"
    return f"not an image that can be read; use one of {readable}"
