"""Faults of records and options."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from contract_faults import verdicts

from langgeo_core.hooks import records
from langgeo_testing import checks

SOUND = records.Scorer("made-up", "Made up.", "langgeo_scorers.features:Magnitude", statistics=("gram_diagonal",))


@pytest.mark.parametrize(
    ("changes", "check", "said"),
    [
        (
            {"statistics": ("gram_diagonal", "hidden")},
            "declared_statistics_exist",
            "it reads hidden, which has no weights, and uses weights",
        ),
        ({"name": "My Scorer"}, "name_can_be_written_in_a_config", "'My Scorer'"),
        ({"name": "a:b"}, "name_can_be_written_in_a_config", "'a:b'"),
        ({"summary": "No full stop"}, "summary_is_one_sentence", "'No full stop'"),
        ({"summary": "Two\nlines."}, "summary_is_one_sentence", "2 lines"),
        ({"summary": "x" * 130 + "."}, "summary_is_one_sentence", "131 characters"),
        ({"factory": "langgeo_scorers.nowhere:Thing"}, "factory_loads", "No module named"),
        ({"factory": "langgeo_scorers.features:Thing"}, "factory_loads", "no attribute 'Thing'"),
        ({"factory": "langgeo_core.plugins.discovery:GROUP"}, "factory_loads", "is 'langgeo'"),
        ({"options": "contract_faults:NoDescription"}, "options_are_described", "does not describe power"),
        ({"options": "builtins:dict"}, "options_are_described", "not a pydantic model"),
        ({"options": "contract_faults:Nothing"}, "options_are_described", "no attribute 'Nothing'"),
        ({"options": "contract_faults:Loose"}, "unknown_options_are_refused", "'no-such-option'"),
        ({"options": "contract_faults:NoDescription"}, "component_can_be_built", "TypeError"),
        ({"factory": "builtins:object"}, "component_has_what_its_kind_asks_for", "has no feature_scores"),
        ({"statistics": ("gram",)}, "declared_statistics_exist", "['gram']"),
        ({"statistics": ()}, "reads_declared_statistics_only", "reads gram_diagonal"),
    ],
)
def test_a_faulty_record(changes: dict[str, Any], check: str, said: str) -> None:
    assert said in verdicts(replace(SOUND, **changes))[check]


def test_options_that_a_config_loses() -> None:
    record = replace(SOUND, factory="langgeo_scorers.features:Wanda", options="contract_faults:Forgetful")
    (check,) = [
        check for check in checks(record, options={"secret": "told"}) if check.name == "options_survive_a_config"
    ]
    with pytest.raises(AssertionError, match=r"secret='told'.* becomes .*secret='kept'"):
        check()


def test_a_sound_record_breaks_nothing() -> None:
    assert verdicts(SOUND) == {}
