from __future__ import annotations

from langgeo_core.languages.table import SCRIPTS, one_script


def test_codes_of_one_script_are_counted_as_one() -> None:
    assert {one_script(code) for code in ("Hans", "Hant", "Hanb", "Hani")} == {"Hani"}
    assert {one_script(code) for code in ("Kore", "Jamo", "Hang")} == {"Hang"}
    assert {one_script(code) for code in ("Hira", "Kana", "Hrkt", "Jpan")} == {"Jpan"}
    assert [one_script(code) for code in ("Latn", "Cyrl", "Deva", "")] == ["Latn", "Cyrl", "Deva", ""]


def test_what_a_code_is_counted_as_is_a_code_that_stands_for_itself() -> None:
    found = {one_script(code) for code in SCRIPTS}
    assert found < SCRIPTS
    assert {one_script(script) for script in found} == found
