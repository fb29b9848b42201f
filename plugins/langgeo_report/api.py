"""Names for other plugins: a length of time in words."""

from __future__ import annotations


def duration(seconds: float) -> str:
    """Seconds in words.

    Examples
    --------
    >>> duration(4.21), duration(40), duration(200), duration(2400), duration(7500), duration(3e8)
    ('4.2 s', '40 s', '3 min 20 s', '40 min', '2 h 5 min', '3,472 days')
    """
    whole = round(seconds)
    if whole < 60:
        return f"{seconds:.1f} s" if seconds < 10 else f"{whole} s"
    if whole >= 4 * 86400:
        return f"{whole / 86400:,.0f} days"
    larger, smaller, whole = ("min", "s", whole) if whole < 3600 else ("h", "min", whole // 60)
    first, rest = divmod(whole, 60)
    return f"{first} {larger} {rest} {smaller}" if rest else f"{first} {larger}"
