"""From the product of choices to named variants, the baseline first."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from langgeo_ablation.choices import Choices, Sweep
from langgeo_core.config.nodes import Map, Node, Scalar, as_list
from langgeo_core.config.reader import parse_yaml
from langgeo_core.config.resolved import ResolvedConfig
from langgeo_core.config.schema import LIST_KEYS
from langgeo_core.contract.errors import ConfigError, LanggeoError, UserError

BASELINE = "baseline"
LONGEST = 100
"""Characters of a variant's name, which is also its folder's."""

Load = Callable[[Sequence[str]], ResolvedConfig]


@dataclass(frozen=True)
class Variant:
    """One combination. Its name says what differs from the baseline; `reason` why it has no config."""

    name: str
    choices: Choices
    config: ResolvedConfig | None
    reason: str = ""

    @property
    def is_baseline(self) -> bool:
        return self.name == BASELINE


def make_variants(sweep: Sweep, load: Load) -> list[Variant]:
    """The baseline (the config with what all variants share), then every other combination in order.

    Raises
    ------
    ConfigError
        If the baseline does not resolve, or no combination does.
    """
    base = load(sweep.overrides())
    found = [(choices, *_resolved(load, sweep.overrides(choices))) for choices in sweep.combinations()]
    failures = [failure for _, _, failure in found if failure]
    if len(failures) == len(found):
        raise _together(failures)
    resolved = [(choices, config) for choices, config, _ in found if config]
    same = next((choices for choices, config in resolved if not base.differences(config)), None)
    chosen = same or {key: _baseline_choice(base, key, sweep, load) for key in sweep.swept}
    variants = [Variant(BASELINE, chosen, base)]
    for choices, config, failure in found:
        if choices is not same:
            name = _name(choices, chosen, {variant.name for variant in variants})
            variants.append(Variant(name, choices, config, one_line(failure) if failure else ""))
    return variants


def _together(failures: Sequence[UserError]) -> UserError:
    """The problems of all combinations, each once."""
    problems = [problem for failure in failures if isinstance(failure, ConfigError) for problem in failure.problems]
    return ConfigError(tuple(dict.fromkeys(problems))) if problems else failures[0]


def _baseline_choice(base: ResolvedConfig, key: str, sweep: Sweep, load: Load) -> str:
    """The choice that changes nothing, or what the config says; a choice may share its name and not its options."""
    choices = dict(sweep.keys)[key]
    for choice in choices:
        config, _ = _resolved(load, sweep.overrides({key: choice}))
        if config and not base.differences(config):
            return choice
    value = written_value(base, key)
    return f"{value} as configured" if value in choices else value


def _resolved(load: Load, overrides: Sequence[str]) -> tuple[ResolvedConfig | None, UserError | None]:
    try:
        return load(overrides), None
    except UserError as failure:
        return None, failure


def one_line(failure: BaseException) -> str:
    """What went wrong, for a table."""
    if isinstance(failure, ConfigError):
        return "; ".join(" ".join(f"{problem.where}: {problem.message}".split()) for problem in failure.problems)
    message = failure.message if isinstance(failure, LanggeoError) else f"{type(failure).__name__}: {failure}"
    return " ".join(message.split())


def written_value(config: ResolvedConfig, key: str) -> str:
    """What a config says under a dotted key, as a choice would be written; empty if the key is not there."""
    value: Any = config.data()
    for part in key.split("."):
        value = _part(value, part)
    if isinstance(value, list) and key in LIST_KEYS:
        names = [_short(item) for item in value]
        return names[0] if len(names) == 1 else f"[{', '.join(names)}]"
    return _short(value)


def _part(value: Any, part: str) -> Any:
    if isinstance(value, Mapping):
        return value.get(part, "")
    if isinstance(value, list):
        named = (item for item in value if isinstance(item, Mapping) and part in (item.get("as"), item.get("name")))
        return next(named, "")
    return ""


def _short(value: Any) -> str:
    return str(value["name"] if isinstance(value, Mapping) and "name" in value else value)


def _name(choices: Choices, baseline: Choices, taken: Collection[str]) -> str:
    """`scope=layer+diagonal=cholesky`: fit for a folder, and unlike all others."""
    ends = [key.rpartition(".")[2] for key in choices]
    different = [key for key in choices if choices[key] != baseline[key]] or list(choices)
    short = {key: end if ends.count(end) == 1 else key for key, end in zip(choices, ends, strict=True)}
    name = "+".join(f"{short[key]}={_fit(choices[key])}" for key in different)
    if len(name) > LONGEST or name in taken:
        name = f"{name[: LONGEST - 9]}-{hashlib.sha256(repr(choices).encode()).hexdigest()[:8]}"
    return name


def _fit(choice: str) -> str:
    """The choice as a part of a file's name; of components with options, what the run calls each, or all of them."""
    tree, problems = parse_yaml(choice, "") if choice.startswith(("{", "[")) else (None, [])
    names = [_called(item) for item in as_list(tree).items] if tree and not problems else [""]
    text = "-".join(names) if all(names) else choice.replace("{name: ", "{")
    return re.sub(r"[^\w.+-]+", "-", text).strip("-.")


def _called(item: Node) -> str:
    """A word of a list, or the `as` of a component; empty where it has none."""
    label = item.get("as") if isinstance(item, Map) else item
    return label.text if isinstance(label, Scalar) else ""
