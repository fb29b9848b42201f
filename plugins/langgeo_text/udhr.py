"""The Universal Declaration of Human Rights, as included in the distribution `notofonttools`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from pathlib import Path
from xml.etree import ElementTree

from langgeo_core.api import CorpusIdentity, MissingPackageError, Text, UserError
from langgeo_text.folder import near
from langgeo_text.udhr_names import DROPPED, NAMES

_DISTRIBUTION = "notofonttools"
_LEAST_ARTICLES = 20
_NAMESPACE = "{http://www.unhchr.ch/udhr}"
_INSTALL = 'pip install "langgeo[starter]"'


class Udhr:
    """One document for each language: the preamble and the 30 articles, one paragraph on each line.

    Texts in an unknown language (`und`), files with another language's text (see `udhr_names`) and fragments with fewer
    than 20 articles are excluded. Length is counted in articles, because Chinese needs few characters.
    """

    def identity(self) -> CorpusIdentity:
        """The distribution's version; raises MissingPackageError if it is not installed."""
        return CorpusIdentity(
            name="udhr",
            version=f"{_DISTRIBUTION} {_distribution().version}",
            licence="© OHCHR, the UN Human Rights Office; read where it is installed, never copied",
            source="https://www.ohchr.org/en/universal-declaration-of-human-rights",
        )

    def languages(self) -> Sequence[str]:
        """Ids in alphabetical order; a plain code is the usual spelling, others name a script or variety."""
        return sorted(_declarations())

    def scripts(self) -> dict[str, str]:
        """The script (ISO 15924) of each language's text."""
        return {identifier: declaration.script for identifier, (_, declaration) in _declarations().items()}

    def read(self, language: str) -> Text:
        """The declaration as one document; raises UserError if there is none in that language."""
        if language not in _declarations():
            raise UserError(f"udhr has no text in {language}", near(language, self.languages()))
        path, declaration = _declarations()[language]
        return Text(language, ("\n".join(declaration.paragraphs),), f"{self.identity().version}: {path.name}")


@cache
def _declarations() -> dict[str, tuple[Path, Declaration]]:
    """By id; the installed files do not change while a process runs, and reading them takes a second."""
    found: dict[str, tuple[Path, Declaration]] = {}
    for path in _files():
        key = path.stem.removeprefix("udhr_")
        declaration = read_declaration(path)
        if key in DROPPED or declaration.iso639_3 == "und" or declaration.articles < _LEAST_ARTICLES:
            continue
        identifier = NAMES.get(key, declaration.iso639_3)
        if identifier in found:
            raise UserError(f"{path} and {found[identifier][0].name} both claim {identifier}", _INSTALL)
        found[identifier] = (path, declaration)
    return found


def _distribution() -> metadata.Distribution:
    try:
        return metadata.distribution(_DISTRIBUTION)
    except metadata.PackageNotFoundError as error:
        raise MissingPackageError(f"the corpus udhr needs the package {_DISTRIBUTION}", _INSTALL) from error


def _files() -> list[Path]:
    """The files of the collection, from the list of installed files; nothing is imported."""
    distribution = _distribution()
    listed = [file for file in distribution.files or () if file.match("third_party/udhr/udhr_*.xml")]
    if not listed:
        raise MissingPackageError(f"{_DISTRIBUTION} {distribution.version} has no third_party/udhr", _INSTALL)
    return sorted(Path(str(distribution.locate_file(file))) for file in listed)


@dataclass(frozen=True)
class Declaration:
    """The preamble and the articles of one file, without titles and editors' notes.

    `iso639_3` and `script` (ISO 15924) are stated in the file; `articles` is the number of articles with text.
    """

    iso639_3: str
    script: str
    articles: int
    paragraphs: tuple[str, ...]


def read_declaration(path: Path) -> Declaration:
    """Parse a file; raises UserError if it is missing or not XML."""
    try:
        root = ElementTree.parse(path).getroot()
    except (OSError, ElementTree.ParseError) as error:
        raise UserError(
            f"{path} cannot be read: {error}", f"type: pip install --force-reinstall {_DISTRIBUTION}"
        ) from error
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
    """The paragraphs, including those in lists, each on one line."""
    lines = (" ".join("".join(element.itertext()).split()) for element in section.iter(f"{_NAMESPACE}para"))
    return [line for line in lines if line]
