"""Edit real portrait photos by dragging points, or by name.

>>> import photodrag
>>> photodrag.edit("me.jpg", adjust={"smile": 0.6}).save("smile.jpg")

What is named here is loaded at first use; each stage has a package of its own (`alignment`,
`checkpoints`, `inversion`, `drag`, `pipeline`).
"""

from lazy_loader import attach_stub

__getattr__, __dir__, __all__ = attach_stub(__name__, __file__)
