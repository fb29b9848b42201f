"""What a run records of itself: versions, components, identities, settings."""

from __future__ import annotations

import os
import platform
from contextlib import suppress
from dataclasses import asdict
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import PackageNotFoundError, requires, version
from itertools import chain
from typing import Any

from langgeo_core.config.resolved import ResolvedConfig
from langgeo_core.contract.records import Baseline, Transform
from langgeo_core.planning.plan import Plan


def package_versions(config: ResolvedConfig) -> dict[str, str]:
    """The versions of the packages that can change a number or a picture of a run, of those installed.

    They are the requirements, extras included, of the distributions that the run's components come from.
    """
    origins = {"langgeo", *(chosen.origin.distribution for chosen in chain.from_iterable(config.choices.values()))}
    found = {"python": platform.python_version()}
    for distribution in sorted(origins):
        found |= _with_requirements(distribution)
    return found


@cache
def _with_requirements(distribution: str) -> dict[str, str]:
    """The versions of a distribution and of its requirements, which stay the same in a process."""
    from packaging.requirements import Requirement  # of importing the api, it would take a tenth of the time

    found = {}
    with suppress(PackageNotFoundError):
        for name in (distribution, *(Requirement(line).name for line in requires(distribution) or ())):
            with suppress(PackageNotFoundError):
                found[name] = version(name)
    return found


def describe(plan: Plan) -> dict[str, Any]:
    """The part of run.json that is known before the run."""
    config = plan.config
    return {
        "name": config.settings.name,
        "started": datetime.now(UTC).isoformat(timespec="seconds"),
        "langgeo": version("langgeo"),
        "versions": package_versions(config),
        "platform": platform.platform(),
        "processors": os.cpu_count(),
        "components": _components(config),
        "models": [{"label": name, **asdict(identity)} for name, identity in plan.model_identities.items()],
        "corpora": [{"label": name, **asdict(identity)} for name, identity in plan.corpus_identities.items()],
        **({"matrix": plan.matrix.described()} if plan.matrix else {}),
        "calibration": {} if plan.matrix else config.settings.calibration.model_dump(mode="json"),
        "parts": {} if plan.matrix else config.settings.parts.model_dump(mode="json"),
        "seed": config.settings.seed,
        "languages": len(plan.languages),
    }


def _components(config: ResolvedConfig) -> dict[str, list[dict[str, Any]]]:
    """What every name of the config resolved to."""
    return {
        kind: [
            {
                "name": chosen.name,
                "component": chosen.component.name,
                "distribution": chosen.origin.distribution,
                "version": chosen.origin.version,
                "summary": chosen.component.summary,
                "source": chosen.component.source,
                **(
                    {"role": chosen.component.role_with(chosen.options)}
                    if isinstance(chosen.component, Baseline)
                    else {}
                ),
                **({"pairwise": chosen.component.pairwise} if isinstance(chosen.component, Transform) else {}),
                "options": chosen.options.model_dump(mode="json") if chosen.options else {},
            }
            for chosen in choices
        ]
        for kind, choices in config.choices.items()
    }
