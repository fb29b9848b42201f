"""From the product of choices to named variants, and each variant to a run in a folder of its own."""

from __future__ import annotations

import shutil
import time
import traceback
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce
from operator import or_
from pathlib import Path
from typing import Any, Literal

from langgeo_ablation.choices import Choices, Sweep
from langgeo_ablation.reuse import Reload, finished_run, take_over
from langgeo_core.api import (
    ConfigError,
    Memo,
    Needs,
    ResolvedConfig,
    StorageError,
    UserError,
    explained,
    name_of_settings,
    run,
)

BASELINE = "baseline"
Load = Callable[[Sequence[str]], ResolvedConfig]
Status = Literal["ok", "skipped", "degenerate"]


@dataclass(frozen=True)
class Variant:
    """One combination. Its name says what differs from the baseline; `reason` says why it has no config."""

    name: str
    choices: Choices
    config: ResolvedConfig | None
    reason: str = ""

    @property
    def is_baseline(self) -> bool:
        return self.name == BASELINE


@dataclass(frozen=True)
class Outcome:
    """How a variant ended. `kept`: it was finished before; then its cells count as reused."""

    variant: Variant
    status: Status
    folder: Path
    reason: str = ""
    cells_calibrated: int = 0
    cells_reused: int = 0
    seconds: float = 0.0
    kept: bool = False


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
        problems = [one for failure in failures if isinstance(failure, ConfigError) for one in failure.problems]
        raise ConfigError(tuple(dict.fromkeys(problems))) if problems else failures[0]
    resolved = [(choices, config) for choices, config, _ in found if config]
    same = next((choices for choices, config in resolved if not base.differences(config)), None)
    chosen = same or {key: _baseline_choice(base, key, sweep, load) for key in sweep.swept}
    variants = [Variant(BASELINE, chosen, base)]
    for choices, config, failure in found:
        if choices is not same:
            name = _name(choices, chosen, {variant.name for variant in variants})
            variants.append(Variant(name, choices, config, one_line(failure) if failure else ""))
    return variants


def _resolved(load: Load, overrides: Sequence[str]) -> tuple[ResolvedConfig | None, UserError | None]:
    try:
        return load(overrides), None
    except UserError as failure:
        return None, failure


def _baseline_choice(base: ResolvedConfig, key: str, sweep: Sweep, load: Load) -> str:
    """The choice that changes nothing, or what the config says; a choice may share its name and not its options."""
    choices = dict(sweep.keys)[key]
    for choice in choices:
        config, _ = _resolved(load, sweep.overrides({key: choice}))
        if config and not base.differences(config):
            return choice
    value = written_value(base, key)
    return f"{value} as configured" if value in choices else value


def written_value(config: ResolvedConfig, key: str) -> str:
    """What a config says under a dotted key, as a choice would be written; empty if the key is not there."""
    value: Any = config.data()
    for part in key.split("."):
        if isinstance(value, Mapping):
            value = value.get(part, "")
        elif isinstance(value, list):
            named = (item for item in value if isinstance(item, Mapping) and part in (item.get("as"), item.get("name")))
            value = next(named, "")
        else:
            value = ""
    if isinstance(value, list) and "." not in key:
        names = [_short(item) for item in value]
        return names[0] if len(names) == 1 else f"[{', '.join(names)}]"
    return _short(value)


def _short(value: Any) -> str:
    return str(value["name"] if isinstance(value, Mapping) and "name" in value else value)


def _name(choices: Choices, baseline: Choices, taken: Collection[str]) -> str:
    different = [key for key in choices if choices[key] != baseline[key]]
    return name_of_settings(choices, different, taken)


def one_line(failure: BaseException) -> str:
    """The message of an error, for a table."""
    if isinstance(failure, ConfigError):
        return "; ".join(" ".join(f"{problem.where}: {problem.message}".split()) for problem in failure.problems)
    return " ".join(explained(failure).message.split())


@dataclass
class Runner:
    """Runs variants one after the other, each into a folder of its own; a finished one is not run again.

    Parameters
    ----------
    folder : holds a folder for each variant, with its name
    reload : reads the config that a folder holds
    announce : called with a line before each variant
    """

    folder: Path
    reload: Reload
    quiet: bool
    announce: Callable[[str], None]
    _done: dict[Path, ResolvedConfig] = field(default_factory=dict)
    _baselines: Memo = field(default_factory=dict)
    _needs: Needs | None = None

    def run(self, variants: Sequence[Variant]) -> list[Outcome]:
        """The outcome of every variant; an error of the first, the baseline, is raised, others are recorded.

        A text is calibrated once, for what all of them need of it.
        """
        outcomes = []
        self._needs = reduce(or_, (Needs.of(one.config) for one in variants if one.config))
        for number, variant in enumerate(variants, 1):
            self.announce(f"variant {number}/{len(variants)}: {variant.name}")
            outcomes.append(self._outcome(variant))
        return outcomes

    def _outcome(self, variant: Variant) -> Outcome:
        folder = self.folder / variant.name
        if variant.config is None:
            return Outcome(variant, "skipped", folder, variant.reason)
        try:
            return self._ran(variant, variant.config, folder)
        except StorageError:
            raise  # a full disk is not the variant's fault
        except Exception as failure:
            if variant.is_baseline:
                raise
            self._clear(folder)
            return Outcome(variant, "skipped", folder, one_line(failure))

    def _ran(self, variant: Variant, config: ResolvedConfig, folder: Path) -> Outcome:
        started = time.perf_counter()
        record = finished_run(config, folder, self.reload)
        kept = record is not None
        if record is None:
            start = take_over(config, folder, self._done)
            record = run(
                config, folder, start, quiet=self.quiet, reload=self.reload, memo=self._baselines, needs=self._needs
            )
        self._done[folder] = config
        calibrated = 0 if kept else record["cells_calibrated"]
        reused = record["cells_calibrated"] + record["cells_reused"] - calibrated
        status: Status = "degenerate" if record["status"] == "degenerate" else "ok"
        return Outcome(variant, status, folder, "", calibrated, reused, round(time.perf_counter() - started, 3), kept)

    def _clear(self, folder: Path) -> None:
        """Log the error of a run that had started; remove what was only copied from another run."""
        if (folder / "run.log").is_file():
            with (folder / "run.log").open("a", encoding="utf-8") as file:
                file.write(traceback.format_exc())
        else:
            shutil.rmtree(folder, ignore_errors=True)
