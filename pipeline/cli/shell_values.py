"""What the shell offers for a value half written; nothing heavy is loaded for it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import click
from click.shell_completion import CompletionItem

Items = list[CompletionItem]
Completion = Callable[[click.Context, click.Parameter, str], Items]


def folders(context: click.Context, parameter: click.Parameter, begun: str) -> Items:
    """Folders, as sessions are."""
    return [CompletionItem(begun, type="dir")]


def adjustment(context: click.Context, parameter: click.Parameter, begun: str) -> Items:
    """An adjustment, half of the most that it may be."""
    from ..request.adjustments import ADJUSTMENTS

    return _beginning(
        begun, {f"{one.name}={one.most / 2:g}": one.text for one in ADJUSTMENTS.values()}
    )


def mask(context: click.Context, parameter: click.Parameter, begun: str) -> Items:
    """Parts of the face joined by "+", or a file where no part begins so."""
    from ..request.mask_names import MASKS

    chosen, plus, _ = begun.rpartition("+")
    names = {
        chosen + plus + name: text for name, text in MASKS.items() if name not in chosen.split("+")
    }
    return _beginning(begun, names) or _files(begun)


def landmark(context: click.Context, parameter: click.Parameter, begun: str) -> Items:
    """The landmark at which a drag begins."""
    from photodrag.alignment import LANDMARK_NAMES

    return _beginning(
        begun, {name: f"landmark {number}" for name, number in LANDMARK_NAMES.items()}
    )


def checkpoint(context: click.Context, parameter: click.Parameter, begun: str) -> Items:
    """A generator's name, or a file where no name begins so."""
    return known_checkpoint(context, parameter, begun) or _files(begun)


def known_checkpoint(context: click.Context, parameter: click.Parameter, begun: str) -> Items:
    """A generator's name."""
    from photodrag.checkpoints.catalogue import CATALOGUE

    return _beginning(
        begun, {spec.name: f"{spec.resolution} px, {spec.domain}" for spec in CATALOGUE.values()}
    )


def face(context: click.Context, parameter: click.Parameter, begun: str) -> Items:
    """One face."""
    return _beginning(begun, ["1", "2", "largest"])


def faces(context: click.Context, parameter: click.Parameter, begun: str) -> Items:
    """One face or all."""
    return _beginning(begun, ["1", "2", "largest", "all"])


def device(context: click.Context, parameter: click.Parameter, begun: str) -> Items:
    """A device."""
    return _beginning(begun, ["auto", "cpu", "cuda", "mps"])


def settings(stages: tuple[str, ...]) -> Completion:
    """A setting of these stages with its default, or with each value where there are only some."""

    def complete(context: click.Context, parameter: click.Parameter, begun: str) -> Items:
        from .setting_names import all_settings

        name = begun.partition("=")[0]
        texts = []
        for one in all_settings():
            if one.stage in stages:
                chosen = one.choices if one.full_name == name else ()
                texts += [f"{one.full_name}={value}" for value in chosen or [one.default_text]]
        return _beginning(begun, texts)

    return complete


def _files(begun: str) -> Items:
    return [CompletionItem(begun, type="file")]


def _beginning(begun: str, texts: Mapping[str, str] | Iterable[str]) -> Items:
    helps = texts if isinstance(texts, Mapping) else {}
    return [CompletionItem(text, help=helps.get(text)) for text in texts if text.startswith(begun)]
