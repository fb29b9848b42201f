"""The arguments of an ablation: which keys are swept over which choices, and which settings all variants share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from langgeo_core.config.nodes import COMMAND_LINE
from langgeo_core.config.sweeps import split_choices
from langgeo_core.contract.errors import ConfigError, Problem

Choices = Mapping[str, str]
"""The choice of every swept key."""


@dataclass(frozen=True)
class Sweep:
    """Keys with their choices, in the order written: `scorer=x` drops the options that were set before it.

    A key with a single choice is the same in every variant, the baseline among them.
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
        """One combination's settings in the order written; without choices, the baseline's.

        Exporters are switched off unless the arguments speak of them: pictures of every variant take longer than
        the variants.
        """
        settings = {key: given[0] for key, given in self.keys if len(given) == 1} | dict(choices or {})
        written = tuple(f"{key}={settings[key]}" for key, _ in self.keys if key in settings)
        asked = any(key.partition(".")[0] == "exporters" for key, _ in self.keys)
        return written if asked else ("exporters=[]", *written)


def parse_sweep(arguments: Sequence[str], written: Mapping[str, tuple[str, ...]] | None = None) -> Sweep:
    """Read `key=a,b` and `key=c` arguments, laid over the choices that a config has written down.

    Raises
    ------
    ConfigError
        If one is malformed, a key or a choice is given twice, or there is nothing to choose from.
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
            "give a key two choices or more, such as scorer.diagonal=inverse,cholesky; the config's `ablate` counts too"
        )
        raise _refused("", "there is nothing to compare with the config", hint)
    return sweep


def _refused(key: str, message: str, hint: str) -> ConfigError:
    return ConfigError([Problem(COMMAND_LINE.at(key), message, hint)])
