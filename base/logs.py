"""Loggers of the library, one for each room; nothing is shown unless the program asks for it."""

from __future__ import annotations

import logging

_NAME = "photodrag"
logging.getLogger(_NAME).addHandler(logging.NullHandler())


def room_logger(room: str) -> logging.Logger:
    """The logger "photodrag.<room>"."""
    return logging.getLogger(f"{_NAME}.{room}")
