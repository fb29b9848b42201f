"""What the checks say of faulty components, and options that are faulty themselves."""

from __future__ import annotations

import itertools
import unittest
from collections.abc import Iterable
from typing import Any

from pydantic import BaseModel, Field

from langgeo_core.api import Options
from langgeo_core.hooks import records
from langgeo_testing import Check, checks

CALLS = itertools.count()


def outcomes(tried: Iterable[Check]) -> tuple[dict[str, str], dict[str, str]]:
    """What each check that fails says, and why each that is skipped is."""
    failed, skipped = {}, {}
    for check in tried:
        try:
            check()
        except unittest.SkipTest as reason:
            skipped[check.name] = str(reason)
        except AssertionError as failure:
            failed[check.name] = str(failure)
        except Exception as failure:
            failed[check.name] = f"{type(failure).__name__}: {failure}"
    return failed, skipped


def verdicts(record: records.Component, instance: Any = None) -> dict[str, str]:
    """Each check that fails, with what it says."""
    return outcomes(checks(record, instance=instance))[0]


def broken(kind: str, instance: Any, **fields: Any) -> dict[str, str]:
    return verdicts(records.KINDS[kind]("made-up", "Made up.", "builtins:dict", **fields), instance)


class NoDescription(Options):
    power: float = 1.0


class Loose(BaseModel):
    power: float = Field(1.0, description="Exponent.")


class Forgetful(Options):
    secret: str = Field("kept", description="Not written out.", exclude=True)
