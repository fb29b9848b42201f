"""`langgeo validate`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from langgeo_core.cli.common import load, text_option


@click.command("validate")
@click.argument("config")
@click.argument("overrides", nargs=-1, metavar="[KEY=VALUE]...")
@text_option
@click.pass_obj
def command(settings: dict[str, Any], config: str, overrides: tuple[str, ...], text_folder: Path | None) -> None:
    """Check CONFIG and name every problem; loads no model.

    Example: langgeo validate my-study.yaml
    """
    from langgeo_core.compare import choose_form
    from langgeo_core.plan import make_plan

    resolved = load(settings, config, overrides, text_folder)
    choose_form(resolved.one("quantizers").build(), resolved.one("distances").build())
    plan = make_plan(resolved)
    click.echo(f"{resolved.settings.name}: no problems; {len(plan.languages)} languages, {len(plan.cells)} cells")
