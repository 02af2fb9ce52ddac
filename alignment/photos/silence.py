"""Decoders that are written in C say on the standard error what is wrong with a file; not here.

What matters of it is an exception, and photodrag's own line. OpenCV's libtiff and libheif are
silent by themselves.
"""

from __future__ import annotations

import ctypes
import logging
from functools import cache

from PIL import _imaging

_HANDLERS = ("TIFFSetErrorHandler", "TIFFSetWarningHandler")


@cache
def silence_decoders() -> None:
    """Have Pillow's libtiff, and Pillow where nothing is set up for its log, print nothing.

    The libtiff is found as what Pillow's own module is linked to. Where it is a part of that
    module and cannot be called, it goes on printing.
    """
    logging.getLogger("PIL").addHandler(logging.NullHandler())
    library = ctypes.CDLL(_imaging.__file__)
    for name in _HANDLERS:
        handler = getattr(library, name, None)
        if handler is not None:
            handler.argtypes, handler.restype = [ctypes.c_void_p], ctypes.c_void_p
            handler(None)
