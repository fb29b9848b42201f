"""What the baselines of a run are, in words and in their order."""

from __future__ import annotations

from collections.abc import Mapping

Roles = Mapping[str, str]
"""`Run.baseline_roles`; a baseline without one is a rival."""

REMARKS = {"rival": "", "run": "another run", "control": "control", "ceiling": "ceiling"}
"""What stands in brackets behind the name, in the order of the tables."""


def role_of(source: str, roles: Roles) -> str:
    """Of one baseline."""
    return roles.get(source, "rival")


def place_of(source: str, roles: Roles) -> int:
    """Where a baseline stands among the others: rivals first, ceilings last."""
    return list(REMARKS).index(role_of(source, roles))


def marked(source: str, roles: Roles) -> str:
    """`paper (another run)`."""
    remark = REMARKS[role_of(source, roles)]
    return f"{source} ({remark})" if remark else source
