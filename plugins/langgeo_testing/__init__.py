"""Contract checks that a plugin's tests run in three lines.

    import pytest
    from langgeo_testing import checks

    @pytest.mark.parametrize("check", checks("scorers", "my-scorer"), ids=str)
    def test_contract(check):
        check()

A check calls the component on small made-up input and raises AssertionError where it breaks a promise of its kind,
saying which promise and with which numbers. What cannot be tried here is skipped.
"""

from __future__ import annotations

from langgeo_testing.check import Check
from langgeo_testing.collection import checks
from langgeo_testing.network import save_tiny_model

__all__ = ["Check", "checks", "save_tiny_model"]
