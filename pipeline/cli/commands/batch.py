"""`photodrag batch`: a recipe done on many photos."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..errors_as_lines import EXIT_INTERRUPTED, EXIT_SOME_FAILED, say
from ..help_pages import TitledCommand
from ..options import (
    FILE,
    cache_option,
    device_option,
    dry_run_option,
    json_option,
    no_mark_option,
    output_option,
    quiet_option,
)
from ..plan import check_checkpoint, tell_batch_plan
from ..progress import fetch_checkpoint
from ..recipe_options import RecipeOptions, recipe_options
from ..set_option import OF_CHANGE, OF_INVERSION, SetOptions, set_option

if TYPE_CHECKING:
    from ...batch.run import BatchStep


@click.command(cls=TitledCommand)
@click.argument("recipe", type=FILE, metavar="[RECIPE.json]", required=False)
@click.argument("photos", type=FILE, nargs=-1, metavar="[PHOTOS]...")
@output_option("FOLDER", "For the results, each under its photo's name; made if it is missing.")
@recipe_options
@set_option(*OF_INVERSION, *OF_CHANGE)
@click.option(
    "--manifest",
    type=FILE,
    metavar="FILE.csv",
    help="Photos from a file: columns photo, and if wanted recipe, output, face.",
)
@click.option(
    "--jobs", type=int, default=1, show_default=True, metavar="N", help="Processes at a time."
)
@no_mark_option
@device_option
@cache_option
@json_option
@dry_run_option
@quiet_option
@click.pass_context
def batch(
    context: click.Context,
    *,
    recipe: Path | None,
    photos: tuple[Path, ...],
    output: Path,
    told: RecipeOptions,
    given: SetOptions,
    manifest: Path | None,
    jobs: int,
    no_mark: bool,
    device: str,
    no_cache: bool,
    as_json: bool,
    dry_run: bool,
    quiet: bool,
) -> None:
    """Do what a recipe says on many photos.

    A recipe is a file, or what --adjust, --drag and --mask say; then all files named are photos.

    It goes on after a failure, and tells at its end what failed and why; then the exit code is 3.
    Stopped and given again, it goes on where it was: what is done for the same photo and recipe
    is not done twice.

    \b
    Examples:
      photodrag batch --adjust smile=0.4 photos/*.jpg -o smiling
      photodrag batch smile.json photos/*.jpg -o smiling
      photodrag batch smile.json --manifest photos.csv -o smiling --jobs 4
    """
    from photodrag.device import choose_device

    from ...batch.run import BatchRun
    from ...batch.task import plan_batch
    from ...batch.worker import BatchSettings
    from ...cache.inversion_cache import limit_of_environment

    common, photos = told.choose(recipe, photos, given)
    planned = plan_batch(common, photos, manifest)
    tasks = tuple(replace(task, mark=not no_mark) for task in planned)
    limit = 0 if no_cache else limit_of_environment()
    settings = BatchSettings(str(choose_device(device)), jobs, limit)
    names = sorted({task.recipe.settings.checkpoint for task in tasks})
    if dry_run:
        if as_json:
            raise click.UsageError("--dry-run prints lines for people; leave out --json")
        for name in names:
            check_checkpoint(name)
        if not tell_batch_plan(tasks, output, settings):
            context.exit(EXIT_SOME_FAILED)
        return
    run = BatchRun(tasks, output, settings)
    for name in names:
        fetch_checkpoint(name, quiet)
    steps = []
    try:
        for step in run:
            steps.append(step)
            if not quiet:
                _tell(step)
    except KeyboardInterrupt:
        say(f"interrupted; {output}: {_summary(steps)}; give the command again to go on")
        context.exit(EXIT_INTERRUPTED)
    failed = [step for step in steps if step.state == "failed"]
    if as_json:
        click.echo(json.dumps(_as_values(steps), indent=2, ensure_ascii=False))
    if not quiet:
        say(f"{output}: {_summary(steps)}")
    for step in failed:
        named = f"{step.done.error}".startswith(f"{step.task.photo}: ")
        say(f"failed: {'' if named else f'{step.task.photo}: '}{step.done.error}")
    if failed:
        context.exit(EXIT_SOME_FAILED)


def _tell(step: BatchStep) -> None:
    """One line for a photo, and one for each note."""
    for note in step.done.notes if not step.before else ():
        say(f"note: {step.task.photo}: {note}")
    text = {
        "done": f"{step.done.seconds:.0f} s" + ("" if step.done.arrived else ", did not arrive"),
        "before": "done before",
        "failed": "failed",
    }[step.state]
    say(f"{step.index}/{step.total} {step.task.photo}: {text}")


def _summary(steps: list[BatchStep]) -> str:
    count = Counter(step.state for step in steps)
    return f"{count['done']} done, {count['before']} done before, {count['failed']} failed"


def _as_values(steps: list[BatchStep]) -> dict[str, Any]:
    count = Counter(step.state for step in steps)
    return {
        "done": count["done"],
        "before": count["before"],
        "failed": count["failed"],
        "photos": [
            {
                "photo": str(step.task.photo),
                "output": step.task.output,
                "state": step.state,
                "error": step.done.error,
                "arrived": step.done.arrived,
                "seconds": step.done.seconds,
                "notes": list(step.done.notes),
            }
            for step in steps
        ],
    }
