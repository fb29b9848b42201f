"""What a misspelt word may have meant."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

_LONGEST = 100  # difflib takes quadratic time, and nobody's key is longer


def suggestion(word: str, known: Iterable[str], noun: str = "known") -> str:
    """A hint that names the nearest known word and then all of them."""
    words = sorted(known)
    close = difflib.get_close_matches(word[:_LONGEST], words, n=1)
    start = f"did you mean {close[0]!r}? " if close else ""
    return f"{start}{noun}: {', '.join(words) or 'none'}"
