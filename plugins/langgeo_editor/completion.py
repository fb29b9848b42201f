"""`langgeo completion`."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class


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
    script = get_completion_class(shell)
    assert script is not None
    click.echo(script(ctx.find_root().command, {}, "langgeo", "_LANGGEO_COMPLETE").source())
