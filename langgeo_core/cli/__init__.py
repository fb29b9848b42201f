"""The command line. Each command lives in a module of its own, imported when it is called."""

from __future__ import annotations

import importlib
import os
import sys
from typing import Any

import click

from langgeo_core.contract.errors import LanggeoError, UserError

COMMANDS = {
    "run": "Run a config: from text to distances, clusters and a report.",
    "evaluate": "Score a distance matrix from a file like a run.",
    "ablate": "Compare variants of a config: what mattered, and what cannot be told to.",
    "validate": "Check a config, without loading a model.",
    "plan": "Show what a run would do.",
    "report": "Write the reports of a finished run again.",
    "export": "Write a finished run in another format.",
    "nearest": "Print a language's nearest neighbours in a run.",
    "explain": "Say which layers and modules set two languages of a run apart.",
    "list": "List the components that are installed.",
    "show": "Show one component with its options.",
    "plugins": "List the plugins, and why one did not load.",
    "new-plugin": "Write the package of a plugin of your own, ready to install.",
    "schema": "Print the JSON schema of configs, for editors.",
    "doctor": "Check this machine and installation.",
    "cache": "Show where statistics are kept, and how much.",
    "completion": "Print the script that makes a shell complete words.",
}

MOVED = {
    "ablate": "langgeo_ablation.command",
    "plan": "langgeo_forecast.command",
    "explain": "langgeo_explain.command",
    "new-plugin": "langgeo_new_plugin.command",
}


class LazyGroup(click.Group):
    """Imports a command's module only when the command is used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """In the order of a user's work."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command; raises UserError with the nearest one if there is none."""
        if cmd_name not in COMMANDS and ctx.resilient_parsing:
            return None
        if cmd_name not in COMMANDS:
            from langgeo_core.config.suggestions import suggestion

            raise UserError(f"there is no command {cmd_name!r}", suggestion(cmd_name, COMMANDS, "commands"))
        module = MOVED.get(cmd_name) or f"langgeo_core.cli.{cmd_name.replace('-', '_')}_command"
        command: click.Command = importlib.import_module(module).command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The table of commands, without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


def _show_version(ctx: click.Context, _: click.Parameter, wanted: bool) -> None:
    if not wanted or ctx.resilient_parsing:
        return
    from importlib.metadata import version

    from langgeo_core.plugins.registry import installed

    click.echo(f"langgeo {version('langgeo')}")
    others = {
        (plugin.distribution, plugin.version) for plugin in installed().plugins if plugin.distribution != "langgeo"
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
    sys.exit(_exit_code(arguments))


def _exit_code(arguments: list[str] | None) -> int:
    words = sys.argv[1:] if arguments is None else arguments
    try:
        outcome: Any = cli(arguments, prog_name="langgeo", standalone_mode=False)
    except click.ClickException as failure:
        failure.show()
        return failure.exit_code
    except (KeyboardInterrupt, click.Abort):
        click.echo("\ninterrupted; what is finished is kept: start the same command again to go on", err=True)
        return 130
    except LanggeoError as failure:
        if "-v" in words or "--verbose" in words:
            raise
        click.echo(f"error: {failure}", err=True)
        return failure.exit_code
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    return outcome if isinstance(outcome, int) else 0
