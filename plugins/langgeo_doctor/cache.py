"""`langgeo cache`: each part is a folder that the store or a plugin keeps below the cache folder."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import click

from langgeo_core.api import (
    UNFINISHED,
    DamagedCellError,
    Store,
    UserError,
    cache_folder,
    json_option,
    print_json,
    print_table,
    remove_leftovers,
    suggestion,
)


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
@click.argument("parts", nargs=-1)
@click.option("--yes", is_flag=True, help="Do not ask.")
def prune(parts: tuple[str, ...], yes: bool) -> None:
    """Delete what killed runs left unfinished, and PARTS of the cache; runs that need them compute them again.

    \b
    Examples:
      langgeo cache prune
      langgeo cache prune cells layouts
    """
    removed = remove_leftovers(cache_folder())
    if removed or not parts:
        click.echo(f"{removed} unfinished files and folders of killed runs deleted")
    found = _parts()
    for part in parts:
        if part not in found:
            raise UserError(f"the cache has no part {part!r}", suggestion(part, found, "parts"))
        if at_work := next((cache_folder() / part).rglob(f"{UNFINISHED}*"), None):
            raise UserError(f"a run is at work in {part} of the cache: {at_work} is in use", "wait until it has ended")
        files, size = found[part]
        if files and (yes or click.confirm(f"delete {files} files ({size / 1e6:.1f} MB) of {part}?")):
            shutil.rmtree(cache_folder() / part)
            click.echo(f"{part}: {files} files deleted")


@command.command("verify")
@json_option
def verify(as_json: bool) -> int:
    """Read every cell, layout, converted model and sample of text again, and compare it with its checksums.

    The exit code is 1 if something is damaged. A run makes that again, with an incident or a notice.

    Example: langgeo cache verify
    """
    checked = {str(file): problem for file, problem in (*_of_store(cache_folder()), *_of_what_is_made())}
    damaged = {file: problem for file, problem in checked.items() if problem}
    if as_json:
        print_json({"checked": len(checked), "damaged": damaged})
    else:
        for problem in damaged.values():
            click.echo(problem)
        click.echo(f"{len(checked)} cells, layouts, models and samples read, {len(damaged)} damaged")
    return 1 if damaged else 0


def _of_store(folder: Path) -> Iterator[tuple[Path, str]]:
    """The record of each cell and layout, and what is wrong with it; empty if nothing."""
    store = Store(folder, checked={})  # remembers no file that it has read before
    cells, layouts = (sorted(folder.glob(pattern)) for pattern in ("cells/*/[!.]*.json", "layouts/[!.]*.json"))
    for file in (*cells, *layouts):
        try:
            if file in cells and file.parent.name != file.name[:2]:
                raise DamagedCellError(f"{file} cannot be read: it is in the wrong folder")
            if (store.layout if file in layouts else store.find)(file.stem) is None:
                raise DamagedCellError(f"{file} cannot be read: it is no file")
            yield file, ""
        except DamagedCellError as damage:
            yield file, str(damage)


def _of_what_is_made() -> Iterator[tuple[Path, str]]:
    """Converted models and samples of text, each with what is wrong with it; empty if nothing."""
    from langgeo_datasets.api import kept_samples
    from langgeo_hf.api import made_folders

    for path, sound in (*made_folders(), *kept_samples()):
        yield path, "" if sound else f"{path} is not as it was made: it does not match its checksum"


def _parts() -> dict[str, tuple[int, int]]:
    """Number and bytes of the files of each part; a link is none."""
    found = {}
    folders = cache_folder().iterdir() if cache_folder().is_dir() else ()
    for folder in sorted(one for one in folders if one.is_dir() and not one.is_symlink()):
        files = [file for file in folder.rglob("*") if file.is_file()]
        found[folder.name] = len(files), sum(file.stat().st_size for file in files)
    return found
