"""Faults of readers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from contract_faults import CALLS, broken

from langgeo_core.api import RawMatrix, UserError

NAMES = ("deu", "eng")
VALUES = np.array([[0.0, 1.0], [1.0, 0.0]])
SOUND = RawMatrix(NAMES, VALUES)


class Sound:
    """Reads one file, which begins with `@`."""

    example = "@ 1\n"

    def recognises(self, beginning: str) -> float:
        return float(beginning[:1] == "@")

    def read(self, text: str) -> list[RawMatrix]:
        if text[:1] != "@":
            raise UserError("the file does not begin with @")
        return [SOUND]


def with_method(name: str, method: Callable[..., Any]) -> Any:
    return type("Faulty", (Sound,), {name: method})()


def reading(*matrices: Any) -> Any:
    return with_method("read", lambda self, text: list(matrices) if Sound.read(self, text) else [])


def test_a_sound_reader_keeps_every_promise() -> None:
    assert broken("readers", Sound()) == {}


@pytest.mark.parametrize(
    ("instance", "check"),
    [
        (with_method("recognises", lambda self, beginning: 0), "its_example_is_recognised"),
        (with_method("recognises", lambda self, beginning: 2.0), "its_example_is_recognised"),
        (with_method("recognises", lambda self, beginning: 0.1), "prose_is_not_recognised"),
        (with_method("recognises", lambda self, beginning: None), "any_beginning_can_be_asked_about"),
        (reading(), "its_example_is_read"),
        (reading(NAMES), "its_example_is_read"),
        (reading(RawMatrix(("deu",), np.zeros((1, 1)))), "its_example_is_read"),
        (reading(RawMatrix(("deu", "deu"), VALUES)), "names_are_unique"),
        (reading(RawMatrix(("deu", ""), VALUES)), "names_are_unique"),
        (reading(RawMatrix(NAMES, VALUES[:1])), "numbers_are_distances"),
        (reading(RawMatrix(NAMES, VALUES.astype(np.float32))), "numbers_are_distances"),
        (reading(RawMatrix(NAMES, np.triu(VALUES))), "numbers_are_distances"),
        (reading(RawMatrix(NAMES, -VALUES)), "numbers_are_distances"),
        (reading(RawMatrix(NAMES, VALUES + np.eye(2))), "numbers_are_distances"),
        (reading(RawMatrix(NAMES, VALUES * 0)), "numbers_are_distances"),
        (reading(SOUND, SOUND), "matrices_can_be_chosen"),
        (
            reading(RawMatrix(NAMES, VALUES, "a", True), RawMatrix(NAMES, VALUES, "b", True)),
            "matrices_can_be_chosen",
        ),
        (
            with_method("read", lambda self, text: [RawMatrix(NAMES, VALUES * (1 + next(CALLS)))]),
            "reading_again_gives_the_same",
        ),
        (with_method("read", lambda self, text: [SOUND]), "garbage_is_refused_with_one_message"),
        (with_method("read", lambda self, text: [text.index("@")]), "garbage_is_refused_with_one_message"),
        (
            with_method("read", lambda self, text: [SOUND, text[2], text[3]] and Sound.read(self, text)),
            "half_a_file_is_read_or_refused",
        ),
    ],
)
def test_a_faulty_reader(instance: Any, check: str) -> None:
    assert check in broken("readers", instance)


def test_a_reader_has_no_options() -> None:
    found = broken("readers", Sound(), options="langgeo_formats.exporting:FormatOptions")
    assert "it_has_no_options" in found
