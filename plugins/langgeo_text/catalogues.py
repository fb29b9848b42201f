"""Django's message catalogues where pip put them, as plain text."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

from langgeo_core.api import MissingPackageError, UserError
from langgeo_text.messages import cleaned, words

DISTRIBUTION = "django"
INSTALL = 'pip install "langgeo[starter]"'
_SOURCE = "en"


@dataclass(frozen=True)
class Message:
    """A message by what stays the same in all languages; `english` is its text, cleaned."""

    catalogue: str
    context: str
    msgid: str
    english: str


class Catalogues:
    """All catalogues of a Django: its own and those of its contributed applications.

    The English ones give the order of the messages; the compiled ones (`.mo`), in which a message that is
    not translated or marked as fuzzy does not appear, give the translations. Of a plural the last form is read.
    """

    def __init__(self, distribution: metadata.Distribution) -> None:
        self._paths = _paths(distribution)
        if _SOURCE not in self._paths:
            raise MissingPackageError(f"django {distribution.version} has no message catalogues", INSTALL)

    @property
    def locales(self) -> list[str]:
        return sorted(self._paths)

    def messages(self, least: int) -> list[Message]:
        """Those of at least `least` English words, in the order of the English catalogues."""
        found = (
            Message(catalogue, entry.msgctxt or "", entry.msgid, cleaned(entry.msgid_plural or entry.msgid))
            for catalogue, path in sorted(self._paths[_SOURCE].items())
            for entry in _entries(path)
            if not entry.obsolete
        )
        return [message for message in found if words(message.english) >= least]

    def translated(self, locale: str, messages: list[Message]) -> dict[Message, str]:
        """Cleaned text by message, in their order; what is missing, or the English again, is left out."""
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
    """The installed Django; raises MissingPackageError with what to type."""
    try:
        return metadata.distribution(DISTRIBUTION)
    except metadata.PackageNotFoundError as error:
        raise MissingPackageError("the corpus django needs the packages django and polib", INSTALL) from error


def _paths(distribution: metadata.Distribution) -> dict[str, dict[str, Path]]:
    """The `.po` file of each catalogue, such as `contrib/admin/django`, of each locale."""
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
    if not path.is_file():  # polib takes a name without a file for the contents of one
        raise UserError(f"{path} is missing", "type: pip install --force-reinstall django")
    try:
        entries: Sequence[Any] = (polib.mofile if path.suffix == ".mo" else polib.pofile)(str(path))
    except (OSError, ValueError, IndexError, struct.error) as error:
        raise UserError(f"{path} cannot be read: {error}", "type: pip install --force-reinstall django") from error
    return entries


def _last_form(entry: Any) -> str:
    forms: dict[int, str] = entry.msgstr_plural
    return forms[max(forms)] if forms else str(entry.msgstr)
