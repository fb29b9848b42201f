"""The Universal Declaration of Human Rights, as the distribution `notofonttools` carries it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from importlib import metadata
from pathlib import Path

from langgeo_core.api import CorpusIdentity, MissingPackageError, Text, UserError
from langgeo_text.declaration import Declaration, read_declaration
from langgeo_text.near import near
from langgeo_text.udhr_names import DROPPED, NAMES

_DISTRIBUTION = "notofonttools"
_LEAST_ARTICLES = 20
_INSTALL = 'pip install "langgeo[starter]"'


class Udhr:
    """One document a language: the preamble and the 30 articles, a paragraph a line.

    Left out are texts in no known language (`und`), files that hold another language's text (see `udhr_names`) and
    stubs of fewer than 20 articles. Length is counted in articles, as Chinese needs few characters.
    """

    def identity(self) -> CorpusIdentity:
        """Which text this is; raises MissingPackageError where the distribution is not installed."""
        return CorpusIdentity(
            name="udhr",
            version=f"{_DISTRIBUTION} {_distribution().version}",
            licence="© OHCHR, the UN Human Rights Office; read where it is installed, never copied",
            source="https://www.ohchr.org/en/universal-declaration-of-human-rights",
        )

    def languages(self) -> Sequence[str]:
        """Ids in alphabetical order: the plain code is the usual spelling, others name script or variety."""
        return sorted(self._declarations)

    def scripts(self) -> dict[str, str]:
        """The script (ISO 15924) that each language's text is in."""
        return {identifier: declaration.script for identifier, (_, declaration) in self._declarations.items()}

    def read(self, language: str) -> Text:
        """The declaration as one document; raises UserError where there is none in that language."""
        if language not in self._declarations:
            raise UserError(f"udhr has no text in {language}", near(language, self.languages()))
        path, declaration = self._declarations[language]
        return Text(language, ("\n".join(declaration.paragraphs),), f"{self.identity().version}: {path.name}")

    @cached_property
    def _declarations(self) -> dict[str, tuple[Path, Declaration]]:
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
    """The files of the collection, found in the list of installed files: nothing is imported."""
    distribution = _distribution()
    listed = [file for file in distribution.files or () if file.match("third_party/udhr/udhr_*.xml")]
    if not listed:
        raise MissingPackageError(f"{_DISTRIBUTION} {distribution.version} has no third_party/udhr", _INSTALL)
    return sorted(Path(str(distribution.locate_file(file))) for file in listed)
