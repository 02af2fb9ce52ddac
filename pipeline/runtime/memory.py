"""Memory of a program: freed blocks are kept for the next step, and what is loaded stays.

Every step of inversion and dragging needs the same few hundred megabytes. glibc returns blocks of
that size to the system when they are freed and has them zeroed when they are taken again; on a
CPU that costs more than the arithmetic (a step of tuning takes half the time without it).
"""

from __future__ import annotations

import atexit
import ctypes
import gc
import sys

_COLLECT_AFTER = 50_000  # new objects; Python's own is 700
_USUAL = gc.get_threshold()
_MMAP_THRESHOLD, _TRIM_THRESHOLD = -3, -1  # mallopt(3)
_KEPT_BYTES = 2**31 - 1


def load_at_once() -> None:
    """RenderedFace for garbage seldom while libraries load.

    PyTorch makes a third of a million objects that all stay. Looking through them again and again
    is a sixth of the time that it takes to load. For programs, as `keep_freed_memory`, which puts
    an end to it.
    """
    gc.set_threshold(_COLLECT_AFTER)


def keep_freed_memory() -> bool:
    """Tell glibc's allocator, for this whole process, to keep what is freed; False elsewhere.

    For programs (the command line calls it once), not for libraries: it is the process's choice.
    Everything is loaded by then, so it is no longer looked through for garbage, but at the end:
    extensions complain of what is left (nanobind, in PyTorch 2.15's Triton).
    """
    if gc.get_threshold()[0] == _COLLECT_AFTER:
        gc.freeze()
        atexit.unregister(gc.unfreeze)
        atexit.register(gc.unfreeze)
        gc.set_threshold(*_USUAL)
    if not sys.platform.startswith("linux"):
        return False
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)  # musl has none
    if mallopt is None:
        return False
    return bool(mallopt(_MMAP_THRESHOLD, 2**30) == 1 and mallopt(_TRIM_THRESHOLD, _KEPT_BYTES) == 1)


def give_back_memory() -> None:
    """Give what is freed back to the system after all, once; for programs that wait for long."""
    gc.collect()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None) if sys.platform == "linux" else None
    if trim is not None:
        trim(0)
