"""Progress on stderr, without a terminal."""

from __future__ import annotations

import pytest

from langgeo_core.system.progress import progress


def test_a_log_has_the_first_and_the_last_state(capsys: pytest.CaptureFixture[str]) -> None:
    with progress("calibrate tiny", 3) as advance:
        for language in ("deu", "eng", "fra"):
            advance(language)
    states = capsys.readouterr().err.strip().split("\r")
    assert len(states) == 2
    assert "calibrate tiny" in states[-1] and "3/3" in states[-1] and "fra" in states[-1]


@pytest.mark.parametrize(("total", "quiet"), [(0, False), (3, True)])
def test_nothing_is_shown_if_quiet_or_there_is_nothing_to_do(
    total: int, quiet: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    with progress("calibrate tiny", total, quiet) as advance:
        for _ in range(total):
            advance("deu")
    assert capsys.readouterr().err == ""
