"""Generators: networks, files, the catalogue, downloads, conversion. Loaded at first use."""

from lazy_loader import attach_stub

__getattr__, __dir__, __all__ = attach_stub(__name__, __file__)
