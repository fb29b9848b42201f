"""One translation of the declaration, read from its XML file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from langgeo_core.api import UserError

_NAMESPACE = "{http://www.unhchr.ch/udhr}"


@dataclass(frozen=True)
class Declaration:
    """Preamble and articles; titles and editors' notes are left out.

    `iso639_3` and `script` (ISO 15924) are what the file claims; `articles` counts those that have text.
    """

    iso639_3: str
    script: str
    articles: int
    paragraphs: tuple[str, ...]


def read_declaration(path: Path) -> Declaration:
    """Parse a file; raises UserError where it is missing or no XML."""
    try:
        root = ElementTree.parse(path).getroot()
    except (OSError, ElementTree.ParseError) as error:
        raise UserError(f"{path} cannot be read: {error}", "reinstall notofonttools") from error
    articles = [_paragraphs(article) for article in root.iterfind(f"{_NAMESPACE}article")]
    preamble = root.find(f"{_NAMESPACE}preamble")
    sections = [_paragraphs(preamble) if preamble is not None else [], *articles]
    return Declaration(
        iso639_3=root.get("iso639-3", ""),
        script=root.get("iso15924", ""),
        articles=sum(1 for article in articles if article),
        paragraphs=tuple(paragraph for section in sections for paragraph in section),
    )


def _paragraphs(section: ElementTree.Element) -> list[str]:
    """Its paragraphs, those in lists too, each on one line."""
    lines = (" ".join("".join(element.itertext()).split()) for element in section.iter(f"{_NAMESPACE}para"))
    return [line for line in lines if line]
