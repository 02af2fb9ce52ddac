"""Keep freed memory for the next step instead of giving it back to the system each time.

Every step of inversion and dragging needs the same few hundred megabytes. glibc returns blocks of
that size to the system when they are freed and has them zeroed when they are taken again; on a
CPU that costs more than the arithmetic (a step of tuning takes half the time without it).
"""

from __future__ import annotations

import ctypes
import gc
import sys

_MMAP_THRESHOLD, _TRIM_THRESHOLD = -3, -1  # mallopt(3)
_KEPT_BYTES = 2**31 - 1


def keep_freed_memory() -> bool:
    """Tell glibc's allocator, for this whole process, to keep what is freed; False elsewhere.

    For programs (the command line calls it once), not for libraries: it is the process's choice.
    """
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
