"""`photodrag adjustments`: what `--adjust` and `--mask` know by name."""

from __future__ import annotations

import json

import click

from ..options import json_option


@click.command(short_help="Show what --adjust and --mask know by name.")
@json_option
def adjustments(as_json: bool) -> None:
    """Show the adjustments of `--adjust` and the parts of `--mask`, by name.

    Left is the viewer's left.

    \b
    Examples:
      photodrag adjustments
      photodrag adjustments --json
    """
    from ...request.adjustments import ADJUSTMENTS
    from ...request.mask_names import MASKS

    if as_json:
        values = {
            "adjustments": [
                {
                    "name": one.name,
                    "description": one.text,
                    "least": one.least,
                    "most": one.most,
                    "unit": one.unit,
                }
                for one in ADJUSTMENTS.values()
            ],
            "masks": [{"name": name, "description": text} for name, text in MASKS.items()],
        }
        click.echo(json.dumps(values, indent=2))
        return
    click.echo("--adjust NAME=NUMBER")
    for one in ADJUSTMENTS.values():
        bounds = f"{one.least:g} to {one.most:g} {one.unit}"
        click.echo(f"  {one.name:<17}{bounds:<19}{one.text}")
    click.echo("--mask NAME+NAME")
    for name, text in MASKS.items():
        click.echo(f"  {name:<17}{text}")
