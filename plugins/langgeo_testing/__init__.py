"""Contract checks that a plugin's tests run in three lines.

    import pytest
    from langgeo_testing import checks

    @pytest.mark.parametrize("check", checks("scorers", "my-scorer"), ids=str)
    def test_contract(check):
        check()

A check calls the component with small made-up input and raises AssertionError where it breaks a promise of its kind.
The message names the promise and the numbers that break it. A check that cannot be tried is skipped, with the reason.
"""

from __future__ import annotations

from langgeo_testing.check import Check
from langgeo_testing.collection import checks
from langgeo_testing.made_up import made_up_text, save_tiny_model, seal_run, write_run

__all__ = ["Check", "checks", "made_up_text", "save_tiny_model", "seal_run", "write_run"]
