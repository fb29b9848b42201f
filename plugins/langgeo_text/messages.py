"""A message of a program's catalogue as plain text."""

from __future__ import annotations

import re

_PLACEHOLDERS = re.compile(
    r"%\(\w+\)[-#0 +]*\d*(?:\.\d+)?[a-zA-Z]"  # %(name)s
    r"|%[-#0+]*\d*(?:\.\d+)?[diouxXeEfFgGcrs]"  # %s
    r"|\{\w*\}"  # {name}
    r"|</?\w[^>]*>"  # a tag of HTML
    r"|&#?\w+;"  # an entity
    r"|https?://\S+"
)
_EMPTIED = re.compile(
    r"\"\s*\"|“\s*”|„\s*[“”]|”\s*”|«\s*»|»\s*«|‘\s*’|‚\s*[‘’]|「\s*」|『\s*』|\(\s*\)|（\s*）|\[\s*\]|`\s*`"
)
_BEFORE_PUNCTUATION = re.compile(r" +([.,:;!?…。、，：])")
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")


def cleaned(message: str) -> str:
    """The message on one line without placeholders, tags, entities and addresses, and the quotes that held them.

    Examples
    --------
    >>> cleaned("Enter a <b>valid</b> “%(field)s”: %d digits.")
    'Enter a valid: digits.'
    """
    text = _EMPTIED.sub("", _PLACEHOLDERS.sub("", message))
    return _BEFORE_PUNCTUATION.sub(r"\1", " ".join(text.split()))


def words(text: str) -> int:
    """How many words an English text has."""
    return len(_WORD.findall(text))
