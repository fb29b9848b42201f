"""What several commands need."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from langgeo_core.config.resolved import ResolvedConfig

json_option = click.option("--json", "as_json", is_flag=True, help="Machine-readable output.")
text_option = click.option(
    "--text",
    "text_folder",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="FOLDER",
    help="A folder of <iso639-3>.txt files that replaces the corpora and the languages.",
)


def load(
    settings: dict[str, Any], config: str, overrides: Sequence[str], text_folder: Path | None = None
) -> ResolvedConfig:
    """The resolved config of a command's arguments."""
    from langgeo_core.catalog import bundled_catalog
    from langgeo_core.config.load import load_config
    from langgeo_core.registry import installed

    catalog = bundled_catalog()
    if settings["registry"]:
        catalog = catalog.overlay(Path(settings["registry"]))
    return load_config(config, overrides, installed(), catalog, text_folder.resolve() if text_folder else None)


def show_notices() -> None:
    """Show what components say of long work on stderr."""
    import logging

    notices = logging.getLogger("langgeo.notice")
    if not notices.handlers:
        notices.addHandler(logging.StreamHandler())
    notices.setLevel(logging.INFO)


def print_json(value: Any) -> None:
    """Indented JSON on stdout."""
    click.echo(json.dumps(value, indent=1, ensure_ascii=False))


def print_table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """A table on a terminal; elsewhere one unwrapped line a row, its entries two spaces apart."""
    import sys

    if not sys.stdout.isatty():
        widths = [max(len(row[index]) for row in [columns, *rows]) for index in range(len(columns))]
        for row in rows:
            click.echo("  ".join(entry.ljust(width) for entry, width in zip(row, widths, strict=True)).rstrip())
        return
    from rich.console import Console
    from rich.table import Table

    table = Table(*columns, box=None, header_style="bold")
    for row in rows:
        table.add_row(*row)
    Console().print(table)
