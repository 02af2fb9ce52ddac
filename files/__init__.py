"""Files that appear whole or not at all: the one way in which everything here is written."""

from .whole import write_whole

__all__ = ["write_whole"]


def __dir__() -> list[str]:
    return sorted(__all__)
