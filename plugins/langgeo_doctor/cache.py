"""`langgeo cache`: each part is a folder that the store or a plugin keeps below the cache folder."""

from __future__ import annotations

import shutil

import click

from langgeo_core.api import UserError, cache_folder, json_option, print_json, print_table, suggestion


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
    click.echo(cache_folder())


@command.command("list")
@json_option
def listing(as_json: bool) -> None:
    """Show how many files each part holds and their size.

    Example: langgeo cache list --json
    """
    found = _parts()
    if as_json:
        print_json([{"part": part, "files": files, "bytes": size} for part, (files, size) in found.items()])
        return
    rows = [(part, str(files), f"{size / 1e6:.1f} MB") for part, (files, size) in found.items()]
    print_table(("part", "files", "size"), rows)


@command.command("prune")
@click.argument("parts", nargs=-1, required=True)
@click.option("--yes", is_flag=True, help="Do not ask.")
def prune(parts: tuple[str, ...], yes: bool) -> None:
    """Delete parts of the cache; runs that need them compute them again.

    Example: langgeo cache prune cells layouts
    """
    found = _parts()
    for part in parts:
        if part not in found:
            raise UserError(f"the cache has no part {part!r}", suggestion(part, found, "parts"))
        files, size = found[part]
        if files and (yes or click.confirm(f"delete {files} files ({size / 1e6:.1f} MB) of {part}?")):
            shutil.rmtree(cache_folder() / part)
            click.echo(f"{part}: {files} files deleted")


def _parts() -> dict[str, tuple[int, int]]:
    """Number and bytes of the files of each part; a link is none."""
    found = {}
    folders = cache_folder().iterdir() if cache_folder().is_dir() else ()
    for folder in sorted(one for one in folders if one.is_dir() and not one.is_symlink()):
        files = [file for file in folder.rglob("*") if file.is_file()]
        found[folder.name] = len(files), sum(file.stat().st_size for file in files)
    return found
