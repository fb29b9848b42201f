"""`langgeo completion`."""

from __future__ import annotations

import click
from click.shell_completion import BashComplete, get_completion_class

VARIABLE = "_LANGGEO_COMPLETE"
_BASH_LOOP_END = "    done\n\n    return 0"
_NO_SPACE = "    done\n\n    [[ ${COMPREPLY[0]-} == *= ]] && compopt -o nospace\n    return 0"


class Bash(BashComplete):
    """Leaves out the space behind a completed `key=`."""

    source_template = BashComplete.source_template.replace(_BASH_LOOP_END, _NO_SPACE)

    @staticmethod
    def _check_version() -> None:
        """The script is for any shell of today; click would start bash to ask."""


@click.command("completion")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def command(ctx: click.Context, shell: str) -> None:
    """Print the script that makes SHELL complete commands, components, configs and keys.

    \b
    Examples:
      eval "$(langgeo completion bash)"                                    in ~/.bashrc
      eval "$(langgeo completion zsh)"                                     in ~/.zshrc
      langgeo completion fish > ~/.config/fish/completions/langgeo.fish
    """
    kind = Bash if shell == "bash" else get_completion_class(shell)
    assert kind is not None
    click.echo(kind(ctx.find_root().command, {}, "langgeo", VARIABLE).source())
