"""A photo's crop into a latent, and a generator tuned to paint it."""

from lazy_loader import attach_stub

__getattr__, __dir__, __all__ = attach_stub(__name__, __file__)
