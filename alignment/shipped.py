"""Files that travel with the package, in alignment/data; NOTICE.txt says where they are from."""

from __future__ import annotations

from pathlib import Path

from photodrag.errors import FaceModelError

_DATA = Path(__file__).parent / "data"


def shipped_bytes(name: str) -> bytes:
    """What a file of alignment/data holds. FaceModelError where the installation lacks it."""
    try:
        return (_DATA / name).read_bytes()
    except OSError as error:
        raise FaceModelError(
            f"{_DATA / name} cannot be read ({error.strerror}); it is part of photodrag: "
            "install it again"
        ) from error
