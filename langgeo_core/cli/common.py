"""What several commands need."""

from __future__ import annotations

import json
import shutil
import sys
import textwrap
from collections.abc import Sequence
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from langgeo_core.contract.records import KEYS, Command

if TYPE_CHECKING:
    from langgeo_core.config.catalog import Catalog
    from langgeo_core.config.load import Draft
    from langgeo_core.config.resolved import ResolvedConfig

json_option = click.option("--json", "as_json", is_flag=True, help="Machine-readable output.")
text_option = click.option(
    "--text",
    "text_folder",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="FOLDER",
    help="A folder of <iso639-3>.txt files that replaces the corpora and the languages.",
)


def complete(ctx: click.Context, param: click.Parameter, word: str) -> list[Any]:
    """What the shell is offered for a word, by the plugins that complete words.

    Nothing where something is wrong: a message would end up in the line that is being typed.
    """
    from langgeo_core.plugins.registry import installed

    commands = [entry.component for entry in installed().all("commands")]
    try:
        offers = [one.load("complete") for one in commands if isinstance(one, Command) and one.complete]
        return [item for offer in offers for item in offer(ctx, param, word)]
    except Exception:  # the command itself will report it
        return []


def config_of(
    settings: dict[str, Any], config: str, overrides: Sequence[str], text_folder: Path | None = None
) -> ResolvedConfig:
    """The resolved config of a command's arguments."""
    return draft_of(settings, config, overrides, text_folder).resolved()


def draft_of(settings: dict[str, Any], config: str, overrides: Sequence[str], text_folder: Path | None = None) -> Draft:
    """The config of a command's arguments as far as it can be read."""
    from langgeo_core.config.load import draft_config
    from langgeo_core.plugins.registry import installed

    folder = text_folder.resolve() if text_folder else None
    return draft_config(config, overrides, installed(), catalog_of(settings), folder)


def catalog_of(settings: dict[str, Any]) -> Catalog:
    """The bundled registry.yaml with the user's `--registry` laid over it."""
    from langgeo_core.config.catalog import bundled_catalog

    catalog = bundled_catalog()
    return catalog.overlay(Path(settings["registry"])) if settings["registry"] else catalog


def default_folder(config: ResolvedConfig, overrides: Sequence[str]) -> Path:
    """Where a run goes unless `--out` says so: into a folder named after the config and the command line's settings."""
    from langgeo_core.config.overrides import name_of_settings

    pairs = (override.partition("=") for override in overrides)
    without = {"name", "store", *(key for key, record in KEYS.items() if not record.stage)}
    settings = {key.strip(): value.strip() for key, _, value in pairs if key.strip().partition(".")[0] not in without}
    return Path("runs") / "--".join((config.settings.name, *([name_of_settings(settings)] if settings else [])))


def show_notices() -> None:
    """Show what components say of long work on stderr."""
    import logging

    notices = logging.getLogger("langgeo.notice")
    notices.handlers = [logging.StreamHandler()]
    notices.setLevel(logging.INFO)


def print_json(value: Any) -> None:
    """Indented JSON on stdout, with null for NaN, and with escapes where the console may lack a character."""
    value = json.loads(json.dumps(value), parse_constant=lambda constant: None)
    click.echo(json.dumps(value, indent=1, ensure_ascii=not (sys.stdout.encoding or "utf-8").lower().startswith("utf")))


def terminal_width() -> int:
    """The columns of the terminal that reads stdout; elsewhere there is no limit."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else sys.maxsize


def print_wrapped(text: str, err: bool = False, most: int = sys.maxsize) -> None:
    """A sentence in lines as wide as the terminal, of at most so many columns; what follows the first is indented."""
    width, start = min(terminal_width(), most), " " * (len(text) - len(text.lstrip()))
    wrapper = textwrap.TextWrapper(width, start, f"{start}  ", break_long_words=False, break_on_hyphens=False)
    click.echo(wrapper.fill(text.strip()), err=err)


def print_table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """A header and a line for each row, entries two spaces apart, unwrapped where no terminal reads them.

    On a terminal that is too narrow, the columns that do not fit are told below each row.
    """
    widths = [max(len(row[index]) for row in [columns, *rows]) for index in range(len(columns))]
    ends = [end - 2 for end in accumulate(width + 2 for width in widths)]
    fit = max(1, sum(end <= terminal_width() for end in ends))
    for row in [columns, *rows]:
        click.echo("  ".join(entry.ljust(width) for entry, width in zip(row[:fit], widths, strict=False)).rstrip())
        more = [(column, entry) for column, entry in zip(columns[fit:], row[fit:], strict=True) if entry]
        if more and row is not columns:
            print_wrapped(
                "    " + ", ".join(f"{column} {entry}" if len(ends) > fit + 1 else entry for column, entry in more)
            )
