"""`langgeo new-plugin`."""

from __future__ import annotations

from pathlib import Path

import click

from langgeo_core.api import installed
from langgeo_core.hooks import records
from langgeo_new_plugin.package import KITS, free_names, write_plugin

KINDS = [record.singular() for record in records.KINDS.values()]


@click.command("new-plugin")
@click.argument("kind", shell_complete=lambda ctx, param, word: [kind for kind in KINDS if kind.startswith(word)])
@click.argument("name")
@click.option(
    "--out", type=click.Path(path_type=Path), metavar="DIR", help="The folder to write. Default: langgeo-NAME."
)
@click.pass_context
def command(ctx: click.Context, kind: str, name: str, out: Path | None) -> None:
    """Write the package of a plugin with a component NAME of a KIND, ready to install, run and test.

    Example: langgeo new-plugin scorer my-idea
    """
    group = ctx.find_root().command
    commands = group.list_commands(ctx) if isinstance(group, click.Group) else ()
    names = free_names(kind, name, installed(), commands)
    folder = out or Path(names.distribution)
    files = write_plugin(names, folder)
    click.echo(f"wrote {folder}: {len(files)} files of the {names.singular} {name}")
    click.echo("next:")
    click.echo(f"  cd {folder}")
    click.echo("  pip install -e . pytest")
    click.echo("  python -m pytest")
    click.echo(f"  langgeo show {names.singular} {name}")
    click.echo(f"  langgeo {KITS[names.kind].try_it.format(name=name)}")
    click.echo(f"the work is in {folder / names.package / names.singular}.py")
