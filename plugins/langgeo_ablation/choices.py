"""The choices of an ablation: `key=a,b,c` of the command line, and `ablate: {key: [a, b, c]}` of a config."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice, product
from typing import Any

from langgeo_core.api import ConfigError, Draft, Problem

KEY = "ablate"
MOST_COMBINATIONS = 64
"""With how many combinations of the other keys a choice is tried that cannot be read alone."""
_CLOSING = {"[": "]", "{": "}"}
_PLAIN = re.compile(r"[\w./~][\w./+ ~-]*(?<! )")

Choices = Mapping[str, str]
"""The choice of every swept key."""


@dataclass(frozen=True)
class Sweep:
    """Keys with their choices, in the order written: `scorer=x` drops the options that were set before it.

    A key with a single choice is the same in every variant, including the baseline.
    """

    keys: tuple[tuple[str, tuple[str, ...]], ...]

    @property
    def swept(self) -> tuple[str, ...]:
        """The keys with more than one choice."""
        return tuple(key for key, choices in self.keys if len(choices) > 1)

    @property
    def fixed(self) -> tuple[str, ...]:
        """The settings that all variants share, as overrides."""
        return tuple(f"{key}={choices[0]}" for key, choices in self.keys if len(choices) == 1)

    def combinations(self) -> Iterator[dict[str, str]]:
        """The product of the choices; the last key changes fastest."""
        swept = [choices for _, choices in self.keys if len(choices) > 1]
        for combination in product(*swept):
            yield dict(zip(self.swept, combination, strict=True))

    def overrides(self, choices: Choices | None = None) -> tuple[str, ...]:
        """The settings of one combination in the order written; without choices, those of the baseline.

        Exporters are off unless the choices name them, because writing figures of every variant takes longer than
        running the variants.
        """
        settings = {key: given[0] for key, given in self.keys if len(given) == 1} | dict(choices or {})
        written = tuple(f"{key}={settings[key]}" for key, _ in self.keys if key in settings)
        asked = any(key.partition(".")[0] == "exporters" for key, _ in self.keys)
        return written if asked else ("exporters=[]", *written)


def parse_sweep(arguments: Sequence[str], written: Mapping[str, tuple[str, ...]] | None = None) -> Sweep:
    """Read `key=a,b` and `key=c` arguments; they replace choices that the config has for the same key.

    Raises
    ------
    ConfigError
        If one is malformed, a key or a choice is given twice, or no key has several choices.
    """
    keys, given = dict(written or {}), set[str]()
    for argument in arguments:
        key, choices = split_choices(argument)
        if key in given:
            raise _refused(key, "the key is given twice", "put all its choices after one =")
        if len(set(choices)) < len(choices):
            raise _refused(key, f"a choice is given twice in {', '.join(choices)}", "leave one of them out")
        given.add(key)
        keys[key] = tuple(choices)
    sweep = Sweep(tuple(keys.items()))
    if not sweep.swept:
        hint = (
            "give a key two or more choices, such as scorer.diagonal=inverse,cholesky, here or under `ablate` of the "
            "config"
        )
        raise _refused("", "there is nothing to compare with the config", hint)
    return sweep


def split_choices(text: str) -> tuple[str, list[str]]:
    """The dotted path and its choices; a comma inside brackets, braces or quotes does not separate.

    Raises
    ------
    ConfigError
        If there is no key, a choice is empty, or a bracket or quote is not closed.

    >>> split_choices("corpora=udhr,[udhr, django]")
    ('corpora', ['udhr', '[udhr, django]'])
    """
    path, equals, value = (part.strip() for part in text.partition("="))
    if not (path and equals):
        raise _refused("", f"{text!r} is not a setting", "write key=a,b, such as scorer.diagonal=inverse,cholesky")
    hint = "write key=a,b; a choice that is itself a list is written [a, b]"
    pieces, unclosed = _split(value)
    choices = [piece.strip() for piece in pieces]
    if unclosed:
        raise _refused(path, f"{unclosed} is not closed in {value!r}", hint)
    if not all(choices):
        raise _refused(path, f"there is an empty choice in {value!r}", hint)
    return path, choices


def _refused(key: str, message: str, hint: str) -> ConfigError:
    return ConfigError([Problem(f"command line: {key}" if key else "command line", message, hint)])


def _split(value: str) -> tuple[list[str], str]:
    """The pieces between separating commas, and the bracket or quote left open at the end."""
    pieces, open_brackets, quote = [""], "", ""
    for position, character in enumerate(value):
        before = value[:position]
        if quote:
            # Backslashes escape in double quotes only.
            escaped = quote == '"' and (len(before) - len(before.rstrip("\\"))) % 2 == 1
            quote = "" if character == quote and not escaped else quote
        elif character in "'\"" and _opens(before):
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
    """A quote opens where a value can begin, or directly after a closing one (a doubled quote is a literal quote)."""
    return before[-1:] in ("'", '"') or before.rstrip()[-1:] in ("", ",", "[", "{", ":")


def choices_of(draft: Draft) -> dict[str, tuple[str, ...]]:
    """The choices under `ablate` of a config, as they would be written after `key=`.

    Raises
    ------
    ConfigError
        If an entry is not a list of different choices.
    """
    if faults := _misshapen(draft):
        raise ConfigError(faults)
    return _written(draft)


def problems(draft: Draft) -> list[Problem]:
    """What is wrong with `ablate` of a config: entries that are no lists of choices, and choices that cannot be read.

    A choice counts as readable if any combination with choices of the other keys is, since `scorer.diagonal` may need
    another `scorer`.
    """
    return _misshapen(draft) or list(_unreadable(draft))


def _misshapen(draft: Draft) -> list[Problem]:
    entries, written = _entries(draft), draft.plain(KEY)
    if written not in (None, "") and not isinstance(written, dict):
        return [Problem(draft.config.where(KEY), "must map keys to lists of choices", f"write {KEY}: {{key: [a, b]}}")]
    return [
        Problem(draft.config.where(f"{KEY}.{key}"), "must be a list of different choices", f"write {key}: [a, b]")
        for key, choices in _written(draft).items()
        if isinstance(entries[key], dict) or not all(choices) or len(set(choices)) < len(choices) or not choices
    ]


def _written(draft: Draft) -> dict[str, tuple[str, ...]]:
    return {
        key: tuple(map(_as_written, given if isinstance(given, list) else [given]))
        for key, given in _entries(draft).items()
    }


def _entries(draft: Draft) -> dict[str, object]:
    written = draft.plain(KEY)
    return written if isinstance(written, dict) else {}


def _unreadable(draft: Draft) -> Iterator[Problem]:
    """A problem for each cause, with the choices that have it."""
    swept = _written(draft)
    for key, choices in swept.items():
        refused: dict[Problem, list[str]] = {}
        for choice in choices:
            for problem in _refusals(draft, swept, key, choice):
                refused.setdefault(replace(problem, where=draft.config.where(f"{KEY}.{key}")), []).append(choice)
        for problem, who in refused.items():
            yield replace(problem, message=f"{', '.join(who)}: {problem.message}")


def _refusals(draft: Draft, swept: Mapping[str, Sequence[str]], key: str, choice: str) -> list[Problem]:
    """The problems that a choice adds to the config's own; none if it can be read with any choices of other keys.

    Only keys of the same component or section can mend it, so the choices of others are not tried.
    """
    known = {problem.message for problem in draft.problems}
    near = {other: ones for other, ones in swept.items() if other.partition(".")[0] == key.partition(".")[0]}
    columns = [[f"{other}={one}" for one in ((choice,) if other == key else ones)] for other, ones in near.items()]
    first: list[Problem] = []
    for overrides in [(f"{key}={choice}",), *islice(product(*columns), MOST_COMBINATIONS)]:
        added = [problem for problem in draft.again(overrides).problems if problem.message not in known]
        if not added:
            return []
        first = first or added
    return first


def _as_written(value: Any) -> str:
    """Text, lists and maps as the value of an override: `[a, {name: b}]`, on one line."""
    if isinstance(value, str) and value[:1] not in tuple("[{\"'"):
        return value
    return _flow(value)


def _flow(value: Any) -> str:
    if isinstance(value, str):
        return value if _PLAIN.fullmatch(value) else json.dumps(value, ensure_ascii=False)
    if isinstance(value, list):
        return f"[{', '.join(map(_flow, value))}]"
    return f"{{{', '.join(f'{_flow(key)}: {_flow(item)}' for key, item in value.items())}}}"
