"""Photo in, aligned face crop out, and the way back. What is named here is loaded at first use."""

from lazy_loader import attach_stub

__getattr__, __dir__, __all__ = attach_stub(__name__, __file__)
