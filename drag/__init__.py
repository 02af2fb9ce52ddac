"""Dragging points in the image of a generator; knows nothing of faces. Loaded at first use."""

from lazy_loader import attach_stub

__getattr__, __dir__, __all__ = attach_stub(__name__, __file__)
