"""The choices of an ablation: `key=a,b,c` of the command line, and `ablate: {key: [a, b, c]}` of a config."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from langgeo_core.config.nodes import COMMAND_LINE, List, Map, Node, Scalar, as_list
from langgeo_core.config.overrides import split_assignment
from langgeo_core.config.schema import COMPONENT_KEYS
from langgeo_core.contract.errors import ConfigError, Problem, suggestion

_CLOSING = {"[": "]", "{": "}"}
_PLAIN = re.compile(r"[\w./~][\w./+ ~-]*(?<! )")
_SWEPT_KEYS = (*COMPONENT_KEYS, "languages", "calibration", "reliability", "parts", "seed")


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


def written_choices(tree: Map) -> dict[str, tuple[str, ...]]:
    """The choices under `ablate` of a config, as they would be written behind `key=`; none without that key."""
    node = tree.get("ablate")
    entries = node.entries if isinstance(node, Map) else ()
    return {key.text: tuple(as_written(choice) for choice in as_list(value).items) for key, value in entries}


def choice_problems(tree: Map) -> Iterator[Problem]:
    """What is wrong with the form of `ablate`: keys that a config does not have, and choices that are none."""
    node = tree.get("ablate")
    for key, value in node.entries if isinstance(node, Map) else ():
        where = key.mark.at(f"ablate.{key.text}")
        first = key.text.partition(".")[0]
        choices = [as_written(choice) for choice in as_list(value).items]
        if first not in _SWEPT_KEYS:
            yield Problem(where, f"a config has no key {first!r}", suggestion(first, _SWEPT_KEYS, "keys"))
        elif isinstance(value, Map) or not all(choices) or len(set(choices)) < len(choices) or not choices:
            yield Problem(where, "must be a list of choices, each of them once", f"write {key.text}: [a, b]")


def as_written(node: Node) -> str:
    """The node as the value of an override: `[a, {name: b}]`, on one line."""
    if isinstance(node, Scalar) and node.text[:1] not in tuple("[{\"'"):
        return node.text
    return _flow(node)


def _flow(node: Node) -> str:
    if isinstance(node, Scalar):
        return node.text if _PLAIN.fullmatch(node.text) else json.dumps(node.text, ensure_ascii=False)
    if isinstance(node, List):
        return f"[{', '.join(_flow(item) for item in node.items)}]"
    return f"{{{', '.join(f'{_flow(key)}: {_flow(value)}' for key, value in node.entries)}}}"


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
