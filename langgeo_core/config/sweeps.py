"""`key=a,b,c`: the choices of one key of an ablation."""

from __future__ import annotations

from langgeo_core.config.nodes import COMMAND_LINE
from langgeo_core.config.overrides import split_assignment
from langgeo_core.errors import ConfigError, Problem

_CLOSING = {"[": "]", "{": "}"}


def split_choices(text: str) -> tuple[str, list[str]]:
    """The dotted path and its choices; a comma inside brackets, braces or quotes does not separate.

    Raises
    ------
    ConfigError
        If there is no key, a choice is empty, or a bracket or quote is not closed.

    >>> split_choices("corpora=udhr,[udhr, django]")
    ('corpora', ['udhr', '[udhr, django]'])
    """
    path, value = split_assignment(text)
    pieces, unclosed = _split(value)
    choices = [piece.strip() for piece in pieces]
    if unclosed:
        raise _malformed(path, f"{unclosed} is not closed in {value!r}")
    if not all(choices):
        raise _malformed(path, f"there is an empty choice in {value!r}")
    return path, choices


def _malformed(path: str, message: str) -> ConfigError:
    hint = "write key=a,b; a choice that is itself a list is written [a, b]"
    return ConfigError([Problem(COMMAND_LINE.at(path), message, hint)])


def _split(value: str) -> tuple[list[str], str]:
    """The pieces between separating commas, and the bracket or quote left open at the end."""
    pieces, open_brackets, quote = [""], "", ""
    for position, character in enumerate(value):
        if quote:
            quote = "" if character == quote and not _escaped(value, position, quote) else quote
        elif character in "'\"" and _opens(value[:position]):
            quote = character
        elif character in _CLOSING:
            open_brackets += character
        elif open_brackets and character == _CLOSING[open_brackets[-1]]:
            open_brackets = open_brackets[:-1]
        elif character == "," and not open_brackets:
            pieces.append("")
            continue
        pieces[-1] += character
    return pieces, quote or open_brackets[-1:]


def _opens(before: str) -> bool:
    """A quote opens where a value can begin, or right after one that closed (a doubled quote stands for itself)."""
    return before[-1:] in ("'", '"') or before.rstrip()[-1:] in ("", ",", "[", "{", ":")


def _escaped(value: str, position: int, quote: str) -> bool:
    """Backslashes escape in double quotes only."""
    before = value[:position]
    return quote == '"' and (len(before) - len(before.rstrip("\\"))) % 2 == 1
