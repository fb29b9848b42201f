"""The command line. Each command is imported when it is called; plugins add commands of their own."""

from __future__ import annotations

import importlib
import io
import os
import sys
import traceback
from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from langgeo_core.contract.errors import MissingPackageError, UserError, suggestion

if TYPE_CHECKING:
    from langgeo_core.contract.records import Origin

COMMANDS = {
    "run": ("Run a config: from text to distances, clusters and a report.", "run_command:run_command"),
    "list": ("List the components that are installed.", "list_command:list_command"),
}
"""The core's own commands in the order of a user's work: the help, and where the command is in this package."""
ANYWHERE = ("-q", "--quiet", "-v", "--verbose")
"""Options of `langgeo` itself that may stand behind a command as well."""


class LazyGroup(click.Group):
    """Imports a command's module only when the command is used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The core's commands in the order of a user's work, then those of plugins."""
        return [*COMMANDS, *(name for _, name, _ in _plugin_commands())]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command; raises UserError with the nearest one if there is none."""
        from langgeo_core.plugins.registry import installed

        if cmd_name in COMMANDS:
            module, _, attribute = COMMANDS[cmd_name][1].partition(":")
            command: click.Command = getattr(importlib.import_module(f"langgeo_core.cli.{module}"), attribute)
            return command
        if cmd_name.rpartition(":")[2] in installed().names("commands"):
            return _command_of_plugin(cmd_name)
        if ctx.resilient_parsing:
            return None
        raise UserError(f"there is no command {cmd_name!r}", suggestion(cmd_name, self.list_commands(ctx), "commands"))

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The tables of commands, one for each distribution, without importing any."""
        sections = {"Commands": [(name, summary) for name, (summary, _) in COMMANDS.items()]}
        for origin, name, summary in _plugin_commands():
            owner = "" if origin.distribution == "langgeo" else f" of {origin.distribution} {origin.version}"
            sections.setdefault(f"Commands{owner}", []).append((name, summary))
        for title, commands in sections.items():
            with formatter.section(title):
                formatter.write_dl(commands)


def _plugin_commands() -> Iterator[tuple[Origin, str, str]]:
    """Origin, name and summary of each plugin's command; `distribution:name` where the name alone is taken."""
    from langgeo_core.plugins.registry import installed

    entries = installed().all("commands")
    claims = Counter([*COMMANDS, *(entry.component.name for entry in entries)])
    for entry in entries:
        name, origin = entry.component.name, entry.origin
        yield origin, f"{origin.distribution}:{name}" if claims[name] > 1 else name, entry.component.summary


def _command_of_plugin(name: str) -> click.Command:
    """A plugin's command, imported.

    Raises
    ------
    UserError
        If several distributions claim the name, or the command cannot be imported.
    """
    from langgeo_core.plugins.registry import installed

    entry = installed().get("commands", name)
    component = entry.component
    if missing := component.missing_packages():
        message = f"the command {name} needs packages that are not installed: {', '.join(missing)}"
        raise MissingPackageError(message, component.how_to_install())
    try:
        command = component.load("factory")
    except Exception as failure:
        message = f"the command {name} cannot be imported: {type(failure).__name__}: {failure}"
        raise UserError(message, entry.origin.bug) from failure
    if not isinstance(command, click.Command):
        message = f"the command {name} is a {type(command).__name__}, not a click.Command"
        raise UserError(message, entry.origin.bug)
    return command


def _show_version(ctx: click.Context, _: click.Parameter, wanted: bool) -> None:
    if not wanted or ctx.resilient_parsing:
        return
    from importlib.metadata import version

    from langgeo_core.plugins import registry

    click.echo(f"langgeo {version('langgeo')}")
    others = {
        (plugin.distribution, plugin.version)
        for plugin in registry.installed().plugins
        if plugin.distribution != "langgeo"
    }
    for distribution, number in sorted(others):
        click.echo(f"  plugin {distribution} {number}")
    ctx.exit()


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option(
    "--version", is_flag=True, is_eager=True, expose_value=False, callback=_show_version, help="Show versions."
)
@click.option(
    "--registry",
    type=click.Path(exists=True, dir_okay=False),
    metavar="FILE",
    help="A registry.yaml to lay over the bundled one.",
)
@click.option("--threads", type=click.IntRange(min=1), metavar="N", help="Processor threads to use.")
@click.option("-q", "--quiet", is_flag=True, help="No progress.")
@click.option("-v", "--verbose", is_flag=True, help="Show tracebacks of failures.")
@click.pass_context
def cli(ctx: click.Context, registry: str | None, threads: int | None, quiet: bool, verbose: bool) -> None:
    """A metric space of languages from the weights of multilingual language models.

    Example: langgeo run starter-small
    """
    if threads:
        for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"):
            os.environ[variable] = str(threads)
    ctx.obj = {"registry": registry, "quiet": quiet, "verbose": verbose}


def main(arguments: list[str] | None = None) -> None:
    """Entry point: 0 done, 1 failed, 2 the user's input or a missing package, 130 interrupted."""
    if isinstance(sys.stdout, io.TextIOWrapper):  # what the console's encoding lacks is written as an escape
        sys.stdout.reconfigure(errors="backslashreplace")
    sys.exit(_exit_code(arguments))


def _exit_code(arguments: list[str] | None) -> int:
    words = sys.argv[1:] if arguments is None else arguments
    anywhere = [word for word in words if word in ANYWHERE]
    try:
        outcome: Any = cli(
            [*anywhere, *(word for word in words if word not in ANYWHERE)], prog_name="langgeo", standalone_mode=False
        )
    except click.exceptions.NoArgsIsHelpError as failure:
        failure.show()
        return failure.exit_code
    except click.ClickException as failure:
        usage = f"{failure.ctx.get_usage()}\n" if isinstance(failure, click.UsageError) and failure.ctx else ""
        click.echo(f"{usage}error: {failure.format_message()}", err=True)
        return failure.exit_code
    except (KeyboardInterrupt, click.Abort):
        click.echo("\ninterrupted; finished work is kept: start the same command again to continue", err=True)
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except (Exception, SystemExit) as failure:
        if "PacifyFlush" in type(sys.stdout).__name__:  # click's, where nobody reads on
            return 1
        from langgeo_core.plugins.registry import explained

        if {"-v", "--verbose"} & {*anywhere}:
            traceback.print_exc()
        told = explained(failure)
        click.echo(f"error: {told}", err=True)
        return told.exit_code
    return outcome if isinstance(outcome, int) else 0
