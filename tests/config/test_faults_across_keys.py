"""Faults that no single key has: a validator of a whole model, and settings that need one another."""

from __future__ import annotations

from pathlib import Path
from typing import Self

import pytest
from config_fakes import FakeRegistry, fake_catalog
from pydantic import Field, model_validator

from langgeo_core.api import ConfigError, Options
from langgeo_core.config.load import draft_config
from langgeo_core.config.nodes import Map, parse_yaml, plain
from langgeo_core.config.typed import build, without_faults

BASE = "models: [gemma-3.1b]\ncorpora: [udhr]\nlanguages: [deu]\n"


class Span(Options):
    """Two ends in their order."""

    low: int = 0
    high: int = Field(default=9, ge=0)

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.low > self.high:
            raise ValueError("`low` must not exceed `high`")
        return self


class Spans(Options):
    """A span in a map, beside another key."""

    span: Span = Span()
    other: int = 1


def tree(text: str) -> Map:
    node, problems = parse_yaml(text, "my.yaml")
    assert isinstance(node, Map) and not problems
    return node


@pytest.mark.parametrize(
    ("model", "text", "said", "left"),
    [
        (
            Spans,
            "other: 2\nspan:\n  low: 5\n  high: 4\n",
            "my.yaml:2: span: `low` must not exceed `high`",
            {"other": "2"},
        ),
        (Span, "low: 5\nhigh: 4\n", "my.yaml:1: `low` must not exceed `high`", {}),
        (Span, "low: 10\nhigh: -1\n", "my.yaml:2: high: must be a whole number ≥ 0, got '-1'", {}),
    ],
)
def test_a_validator_of_a_whole_map(model: type[Options], text: str, said: str, left: object) -> None:
    """It is one problem, where the map is written; what is left without it can be built."""
    built, problems = build(model, tree(text))
    assert built is None and [str(problem) for problem in problems] == [said]
    sound = without_faults(model, tree(text))
    assert plain(sound) == left and build(model, sound)[1] == []


@pytest.mark.parametrize(
    ("line", "override", "where"),
    [
        ("seed: 3\nreliability: {each: line}\n", [], "my.yaml:5"),
        ("seed: 3\n", ["reliability.each=line"], "command line"),
    ],
)
def test_lines_are_dealt_only_where_texts_are_counted_in_lines(
    line: str, override: list[str], where: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("my.yaml").write_text(BASE + line, encoding="utf-8")
    draft = draft_config("my.yaml", override, FakeRegistry(), fake_catalog())
    said = f"{where}: reliability: `reliability.each: line` needs `calibration.unit: lines`"
    assert [str(problem) for problem in draft.problems] == [said]
    assert draft.config.settings.seed == 3 and draft.config.settings.reliability.each == "window"
    with pytest.raises(ConfigError, match="1 problem found"):
        draft.resolved()
    lines = draft_config("my.yaml", [*override, "calibration.unit=lines"], FakeRegistry(), fake_catalog())
    assert lines.resolved().settings.reliability.each == "line"
