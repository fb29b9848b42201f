"""What the checks say of faulty components, and options that are faulty themselves."""

from __future__ import annotations

import itertools
import unittest
from typing import Any

from pydantic import BaseModel, Field

from langgeo_core.api import (
    Options,
)
from langgeo_core.contract.records import KINDS, Component
from langgeo_testing import checks

CALLS = itertools.count()


def verdicts(record: Component, instance: Any = None) -> dict[str, str]:
    """Each check that fails, with what it says."""
    found = {}
    for check in checks(record, instance=instance):
        try:
            check()
        except unittest.SkipTest:
            continue
        except AssertionError as failure:
            found[check.name] = str(failure)
        except Exception as failure:
            found[check.name] = f"{type(failure).__name__}: {failure}"
    return found


def broken(kind: str, instance: Any, **fields: Any) -> dict[str, str]:
    return verdicts(KINDS[kind]("made-up", "Made up.", "builtins:dict", **fields), instance)


class NoDescription(Options):
    power: float = 1.0


class Loose(BaseModel):
    power: float = Field(1.0, description="Exponent.")


class Forgetful(Options):
    secret: str = Field("kept", description="Not written out.", exclude=True)
