"""Components that the options of another component name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from langgeo_core.config.catalog import bundled_catalog
from langgeo_core.config.nodes import COMMAND_LINE, as_node
from langgeo_core.config.resolve import Resolver
from langgeo_core.config.resolved import Chosen
from langgeo_core.contract.errors import ConfigError
from langgeo_core.contract.records import Baseline
from langgeo_core.plugins.registry import installed


def build_component(kind: str, written: str | Mapping[str, Any]) -> Any:
    """The component of a name, or of a map of its name and options, as a config would write it.

    Options that follow the config, such as seeds, have their own defaults here.

    Parameters
    ----------
    kind : plural, such as `models`

    Raises
    ------
    ConfigError
        With everything that is wrong with the name or the options.
    """
    return _chosen(kind, written).build()


def baseline_role(written: str | Mapping[str, Any]) -> str:
    """What a baseline is beside a run, one of `records.ROLES`, by how a config would write it.

    Raises
    ------
    ConfigError
        With everything that is wrong with the name or the options.
    """
    chosen = _chosen("baselines", written)
    assert isinstance(chosen.component, Baseline)
    return chosen.component.role(chosen.options)


def _chosen(kind: str, written: str | Mapping[str, Any]) -> Chosen:
    resolver = Resolver(installed(), bundled_catalog())
    chosen = resolver.choice(kind, as_node(written, COMMAND_LINE))
    if chosen is None or resolver.problems:
        raise ConfigError(resolver.problems)
    return chosen
