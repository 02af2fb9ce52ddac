"""A real portrait in, an edited portrait out: all stages together."""

from lazy_loader import attach_stub

__getattr__, __dir__, __all__ = attach_stub(__name__, __file__)
