"""What to say of a language that a corpus lacks."""

from __future__ import annotations

import difflib
from collections.abc import Sequence


def near(language: str, known: Sequence[str]) -> str:
    """The ids that the asker may have meant: those of the same code, else those spelt alike."""
    same_code = [identifier for identifier in known if identifier.partition("_")[0] == language.partition("_")[0]]
    close = same_code or difflib.get_close_matches(language, known, n=3)
    return f"it has {', '.join(close)}" if close else "leave it out, or name a corpus that has it"
