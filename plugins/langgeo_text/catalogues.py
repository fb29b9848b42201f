"""Django's installed message catalogues as plain text."""

from __future__ import annotations

import re
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

from langgeo_core.api import MissingPackageError, UserError

DISTRIBUTION = "django"
INSTALL = 'pip install "langgeo[starter]"'
_SOURCE = "en"
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


@dataclass(frozen=True)
class Message:
    """The key of a message, the same in all languages; `english` is its cleaned English text."""

    catalogue: str
    context: str
    msgid: str
    english: str


class Catalogues:
    """The catalogues of Django and its contributed applications.

    Messages are in the order of the English catalogues. Translations come from the compiled ones (`.mo`), which do not
    contain untranslated and fuzzy messages. Of plurals the last form is used.
    """

    def __init__(self, distribution: metadata.Distribution) -> None:
        self._paths = _paths(distribution)
        if _SOURCE not in self._paths:
            raise MissingPackageError(f"django {distribution.version} has no message catalogues", INSTALL)

    @property
    def locales(self) -> list[str]:
        return sorted(self._paths)

    def messages(self, least: int) -> list[Message]:
        """The messages with at least `least` English words, in the order of the English catalogues."""
        found = (
            Message(catalogue, entry.msgctxt or "", entry.msgid, cleaned(entry.msgid_plural or entry.msgid))
            for catalogue, path in sorted(self._paths[_SOURCE].items())
            for entry in _entries(path)
            if not entry.obsolete
        )
        return [message for message in found if words(message.english) >= least]

    def translated(self, locale: str, messages: list[Message]) -> dict[Message, str]:
        """Cleaned text of each message, in their order, without those that are missing or equal to the English text."""
        if locale == _SOURCE:
            return {message: message.english for message in messages}
        known = {
            (catalogue, entry.msgctxt or "", entry.msgid): cleaned(_last_form(entry))
            for catalogue, path in self._paths[locale].items()
            for entry in _entries(path.with_suffix(".mo"))
        }
        texts = {message: known.get((message.catalogue, message.context, message.msgid), "") for message in messages}
        return {message: text for message, text in texts.items() if text and text != message.english}


def django_distribution() -> metadata.Distribution:
    """The installed Django; raises MissingPackageError if it is not installed."""
    try:
        return metadata.distribution(DISTRIBUTION)
    except metadata.PackageNotFoundError as error:
        raise MissingPackageError("the corpus django needs the packages django and polib", INSTALL) from error


def _paths(distribution: metadata.Distribution) -> dict[str, dict[str, Path]]:
    """By locale and catalogue, such as `contrib/admin/django`, the `.po` file."""
    found: dict[str, dict[str, Path]] = {}
    for file in distribution.files or ():
        if file.suffix == ".po" and file.parts[-2] == "LC_MESSAGES":
            catalogue = "/".join((*file.parts[1:-4], file.stem))
            found.setdefault(file.parts[-3], {})[catalogue] = Path(str(distribution.locate_file(file)))
    return found


def _entries(path: Path) -> Sequence[Any]:
    try:
        import polib
    except ModuleNotFoundError as error:
        raise MissingPackageError("the corpus django needs the package polib", INSTALL) from error
    if not path.is_file():  # polib would read the name of a missing file as its contents
        raise UserError(f"{path} is missing", "type: pip install --force-reinstall django")
    try:
        entries: Sequence[Any] = (polib.mofile if path.suffix == ".mo" else polib.pofile)(str(path))
    except (OSError, ValueError, IndexError, struct.error) as error:
        raise UserError(f"{path} cannot be read: {error}", "type: pip install --force-reinstall django") from error
    return entries


def _last_form(entry: Any) -> str:
    forms: dict[int, str] = entry.msgstr_plural
    return forms[max(forms)] if forms else str(entry.msgstr)


def cleaned(message: str) -> str:
    """The message on one line, without placeholders, tags, entities, web addresses and the quotes around them.

    Examples
    --------
    >>> cleaned("Enter a <b>valid</b> “%(field)s”: %d digits.")
    'Enter a valid: digits.'
    """
    text = _EMPTIED.sub("", _PLACEHOLDERS.sub("", message))
    return _BEFORE_PUNCTUATION.sub(r"\1", " ".join(text.split()))


def words(text: str) -> int:
    """The number of words of an English text."""
    return len(_WORD.findall(text))
