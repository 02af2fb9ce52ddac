"""`photodrag cache`: the inversions that are kept on this machine."""

from __future__ import annotations

import json
import time
from dataclasses import asdict
from datetime import UTC, datetime

import click

from ..errors_as_lines import say
from ..help_pages import OrderedGroup
from ..options import json_option

_DAY = 86_400


@click.group(cls=OrderedGroup, short_help="List and remove what is kept for a second edit.")
def cache() -> None:
    """List and remove the inversions kept for a second edit of the same photo.

    They lie in the user's cache, readable by its owner only, and never leave this machine. A kept
    inversion can paint the face it was made from. The least recently used go first when there
    are more than $PHOTODRAG_CACHE_SIZE allows (4GB unless set; 0 keeps none).

    \b
    Examples:
      photodrag cache list
      photodrag cache clear
    """


@cache.command("list", short_help="Show what is kept, and when it was used.")
@json_option
def list_inversions(as_json: bool) -> None:
    """Show what is kept: photo, checkpoint, size, when made and when last used.

    \b
    Example:
      photodrag cache list
    """
    from ...cache.inversion_cache import users_cache

    kept = users_cache()
    entries = kept.entries()
    if as_json:
        values = {
            "folder": str(kept.folder),
            "bytes": kept.size,
            "limit": kept.limit,
            "inversions": [
                {**asdict(entry), "made": _utc(entry.made), "used": _utc(entry.used)}
                for entry in entries
            ],
        }
        click.echo(json.dumps(values, indent=2))
        return
    for entry in entries:
        click.echo(
            f"{entry.photo or '?':<32} {entry.checkpoint or '?':<14} {_megabytes(entry.size):>10}"
            f"  made {_local(entry.made)}  used {_local(entry.used)}"
        )
    count = "1 inversion" if len(entries) == 1 else f"{len(entries)} inversions"
    click.echo(f"{count}, {_megabytes(kept.size)} of {_megabytes(kept.limit)}, in {kept.folder}")


@cache.command()
@click.option(
    "--older-than",
    type=click.FloatRange(min=0),
    metavar="DAYS",
    help="Only what was not used for so many days.",
)
def clear(older_than: float | None) -> None:
    """Remove the kept inversions; checkpoints stay.

    \b
    Examples:
      photodrag cache clear
      photodrag cache clear --older-than 30
    """
    from ...cache.inversion_cache import users_cache

    since = None if older_than is None else time.time() - older_than * _DAY
    count, size = users_cache().clear(since)
    inversions = "1 inversion" if count == 1 else f"{count} inversions"
    say(f"removed {inversions}; {_megabytes(size)} are free again")


def _megabytes(size: int) -> str:
    return f"{size / 1e6:.1f} MB"


def _utc(seconds: float | None) -> str | None:
    """As ISO 8601."""
    if seconds is None:
        return None
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")


def _local(seconds: float | None) -> str:
    if seconds is None:
        return "?".ljust(16)
    return datetime.fromtimestamp(seconds, UTC).astimezone().strftime("%Y-%m-%d %H:%M")
