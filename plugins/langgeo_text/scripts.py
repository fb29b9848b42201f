"""The script that a text is written in."""

from __future__ import annotations

from collections import Counter

KANA = frozenset({"Hira", "Kana"})
FEW = 0.05
"""A text with this share of kana among its letters is Japanese, however many Chinese characters it has."""
NO_SCRIPT = frozenset({"Zyyy", "Zinh", "Zzzz"})
"""Of characters that several scripts share, such as digits, and of marks and unknown characters."""


def script_of_text(text: str) -> str:
    """The script (ISO 15924) of most of its letters, after Unicode's property Script; empty without letters.

    Examples
    --------
    >>> script_of_text("Все люди рождаются свободными (UN)"), script_of_text("人人生而自由"), script_of_text("1948")
    ('Cyrl', 'Hani', '')
    >>> script_of_text("すべての人間は、生れながらにして自由であり")
    'Jpan'
    """
    from fontTools.unicodedata import script

    found: Counter[str] = Counter()
    for character, count in Counter(text).items():
        if character.isalpha() and (own := script(character)) not in NO_SCRIPT:
            found[own] += count
    if not found:
        return ""
    if sum(found[one] for one in KANA) >= FEW * found.total():
        return "Jpan"
    return max(sorted(found), key=found.__getitem__)
