"""`langgeo cache`."""

from __future__ import annotations

import shutil
from pathlib import Path

import click

from langgeo_core.cli.common import json_option, print_json, print_table

PARTS = ("cells", "layouts", "models", "texts")


@click.group("cache")
def command() -> None:
    """Statistics, layouts, converted models and samples of text: where they are, how large, how to free the space.

    Example: langgeo cache list
    """


@command.command("where")
def where() -> None:
    """Print the cache folder.

    Example: du -sh $(langgeo cache where)
    """
    click.echo(_folder())


@command.command("list")
@json_option
def listing(as_json: bool) -> None:
    """Show how many files each part holds and their size.

    Example: langgeo cache list --json
    """
    rows = [(part, *_size(_folder() / part)) for part in PARTS]
    if as_json:
        print_json([{"part": part, "files": files, "bytes": size} for part, files, size in rows])
        return
    print_table(("part", "files", "size"), [(part, str(files), f"{size / 1e6:.1f} MB") for part, files, size in rows])


@command.command("prune")
@click.argument("parts", nargs=-1, required=True, type=click.Choice(PARTS))
@click.option("--yes", is_flag=True, help="Do not ask.")
def prune(parts: tuple[str, ...], yes: bool) -> None:
    """Delete parts of the cache; runs that need them compute them again.

    Example: langgeo cache prune cells layouts
    """
    for part in parts:
        files, size = _size(_folder() / part)
        if files and (yes or click.confirm(f"delete {files} files ({size / 1e6:.1f} MB) of {part}?")):
            shutil.rmtree(_folder() / part)
            click.echo(f"{part}: {files} files deleted")


def _folder() -> Path:
    from langgeo_core.system.cache import cache_folder

    return cache_folder()


def _size(folder: Path) -> tuple[int, int]:
    files = [file for file in folder.rglob("*") if file.is_file()]
    return len(files), sum(file.stat().st_size for file in files)
