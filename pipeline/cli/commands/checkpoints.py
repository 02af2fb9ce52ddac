"""`photodrag checkpoints`: generators by name, on disk, and from other formats."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from .. import shell_values as completing
from ..errors_as_lines import say
from ..help_pages import OrderedGroup
from ..options import FILE, json_option, quiet_option
from ..outputs import Outputs
from ..progress import show_fetch


@click.group(cls=OrderedGroup)
def checkpoints() -> None:
    """List, fetch and convert face generators.

    \b
    Examples:
      photodrag checkpoints list
      photodrag checkpoints fetch ffhq
    """


@checkpoints.command("list", short_help="Show the generators known by name, and which are here.")
@json_option
def list_checkpoints(as_json: bool) -> None:
    """Show the generators known by name, their terms, and which are here.

    \b
    Example:
      photodrag checkpoints list
    """
    from photodrag.checkpoints import CATALOGUE, locate

    entries = [
        {**asdict(spec), "fetched": locate(spec.name) is not None} for spec in CATALOGUE.values()
    ]
    if as_json:
        click.echo(json.dumps(entries, indent=2))
        return
    for entry in entries:
        here = "here" if entry["fetched"] else ""
        click.echo(
            f"{entry['name']:<14}{entry['resolution']:>5} px  {entry['domain']:<22}{here:<6}"
            f"{entry['licence']}: {entry['licence_note']}"
        )


@checkpoints.command()
@click.argument("name", shell_complete=completing.known_checkpoint)
@click.option("--sha256", metavar="DIGITS", help="Demand that the fetched file has this sha256.")
@click.option("--force", is_flag=True, help="Fetch it even if it is here.")
@click.option(
    "--from",
    "file",
    type=FILE,
    metavar="FILE",
    help="The wheel or pickle, where it was fetched by other means: nothing is downloaded.",
)
@quiet_option
def fetch(name: str, sha256: str | None, force: bool, file: Path | None, quiet: bool) -> None:
    """Fetch a generator of the list, check it and convert it.

    \b
    Examples:
      photodrag checkpoints fetch ffhq-mobile
      photodrag checkpoints fetch ffhq --from downloads/ffhq.pkl
    """
    from photodrag.checkpoints import fetch as fetch_run

    run = fetch_run(name, sha256, force, file)
    show_fetch(run, quiet)
    if not quiet:
        say(f"{run.spec.name} is at {run.path}")


@checkpoints.command()
@click.argument("name_or_path", shell_complete=completing.checkpoint)
@json_option
def info(name_or_path: str, as_json: bool) -> None:
    """Show what is known of a generator, by name or from its file.

    \b
    Examples:
      photodrag checkpoints info ffhq-mobile
      photodrag checkpoints info network.pkl --json
    """
    values = _about(name_or_path)
    if as_json:
        click.echo(json.dumps(values, indent=2))
        return
    for name, value in values.items():
        if isinstance(value, dict):
            click.echo(f"{name}:")
            for inner, number in value.items():
                click.echo(f"  {inner}: {number}")
        elif value is not None:
            click.echo(f"{name}: {value}")


@checkpoints.command(short_help="Convert a network pickle; nothing in it is run.")
@click.argument("path_in", type=FILE, metavar="IN")
@click.argument("path_out", type=FILE, metavar="OUT.safetensors")
@click.option("--overwrite", is_flag=True, help="Replace a file that is there already.")
def convert(path_in: Path, path_out: Path, overwrite: bool) -> None:
    """Convert a network pickle to photodrag's own format; nothing in it is run.

    \b
    Example:
      photodrag checkpoints convert network.pkl network.safetensors
    """
    from photodrag.checkpoints import convert_checkpoint
    from photodrag.errors import OutputError

    outputs = Outputs([path_in])
    outputs.add(path_out, [".safetensors"])
    if path_out.exists() and not overwrite:
        raise OutputError(f"{path_out}: the file is there already; give --overwrite to replace it")
    with outputs.writing() as place:
        convert_checkpoint(path_in, place(path_out))


def _about(name_or_path: str) -> dict[str, Any]:
    """What the catalogue says, and what the file says where it is here."""
    from photodrag.checkpoints import CATALOGUE, load_generator, locate, read_checkpoint

    path = locate(name_or_path)
    values: dict[str, Any] = {}
    if name_or_path in CATALOGUE:
        values |= asdict(CATALOGUE[name_or_path])
    values["path"] = None if path is None else str(path)
    values["fetched"] = path is not None
    if path is None:
        return values
    generator = load_generator(path)  # checks that every weight fits
    modules = (generator.mapping, generator.synthesis)
    values |= {
        "kind": generator.config.kind,
        "resolution": generator.resolution,
        "bytes": path.stat().st_size,
        "parameters": sum(p.numel() for module in modules for p in module.parameters()),
        "config": asdict(generator.config),
    }
    if path.suffix == ".safetensors":
        values["notes"] = read_checkpoint(path)[2]
    return values
