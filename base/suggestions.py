"""The nearest known name, for messages about a name that is not known."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def suggestion(
    name: str,
    known: Iterable[str],
    otherwise: str | None = None,
    *,
    cutoff: float = 0.6,
    most: int = 1,
) -> str:
    """The end of a message: "did you mean 'smile'?", with at most so many names.

    Where no name is as near as `cutoff` (0 to 1: the same), it is `otherwise`, by default all
    that are known.
    """
    names = tuple(known)
    if near := difflib.get_close_matches(name, names, n=most, cutoff=cutoff):
        return f"did you mean {' or '.join(map(repr, near))}?"
    return f"known are {', '.join(names)}" if otherwise is None else otherwise
