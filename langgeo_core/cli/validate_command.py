"""`langgeo validate`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from langgeo_core.cli.common import draft_of, json_option, print_json, text_option
from langgeo_core.cli.completion import CONFIG, OVERRIDES


@click.command("validate")
@click.argument("config", shell_complete=CONFIG)
@click.argument("overrides", nargs=-1, metavar="[KEY=VALUE]...", shell_complete=OVERRIDES)
@text_option
@json_option
@click.pass_obj
def command(
    settings: dict[str, Any], config: str, overrides: tuple[str, ...], text_folder: Path | None, as_json: bool
) -> int:
    """Check CONFIG and name every problem at once; loads no model.

    Names, types, ranges, missing packages, components that do not fit, files and texts, languages, and the choices
    of `ablate`.

    Example: langgeo validate my-study.yaml
    """
    from dataclasses import asdict

    from langgeo_core.contract.errors import ConfigError
    from langgeo_core.pipeline.validation import examine

    found = draft_of(settings, config, overrides, text_folder)
    examined = examine(found)
    if as_json:
        print_json([asdict(problem) for problem in examined.problems])
        return ConfigError.exit_code if examined.problems else 0
    if examined.problems:
        raise ConfigError(examined.problems)
    languages = len(examined.languages)
    cells = languages * len(found.config.choices["models"]) * len(found.config.choices["corpora"])
    unread = f"; {examined.unread} texts were not read" if examined.unread else ""
    click.echo(f"{found.config.settings.name}: no problems; {languages} languages, {cells} cells{unread}")
    for line in examined.elsewhere:
        click.echo(f"  {line}")
    return 0
