"""What a page does after the job under way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

Act = Callable[[], None]


@dataclass
class Plans:
    """What was asked for meanwhile, and what follows by itself.

    `asked` comes first, `follows` after it. `run` and `recipe` wait until the face that is begun
    is ready: a run of the change then, or the edits of a recipe instead.
    """

    asked: Act | None = None
    follows: Act | None = None
    recipe: Act | None = None
    run: bool = False

    def take(self) -> Act | None:
        """What comes now, and is then planned no more."""
        act = self.asked or self.follows
        if self.asked is not None:
            self.asked = None
        else:
            self.follows = None
        return act

    def face_is_ready(self, run: Act, auto: bool) -> None:
        """The recipe follows, else the run, if it was asked for or is automatic."""
        if self.recipe is not None:
            self.follows = self.recipe
        elif auto or self.run:
            self.follows = run
        self.recipe, self.run = None, False

    def drop(self) -> None:
        """Nothing comes any more."""
        self.asked = self.follows = self.recipe = None
        self.run = False
