"""Languages, their texts, and where these come from."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property


@dataclass(frozen=True)
class Language:
    """A language as this project names it, with Glottolog's facts (CC BY 4.0).

    `id` is ISO 639-3, with `_Script` or `_variety` where one code has several texts. `lineage` lists the
    glottocodes of its ancestors from the family down. `level` is Glottolog's: language, dialect or family.
    Unknown text is "", unknown coordinates are None.
    """

    id: str
    iso639_3: str
    glottocode: str = ""
    name: str = ""
    script: str = ""
    level: str = ""
    family: str = ""
    branch: str = ""
    lineage: tuple[str, ...] = ()
    latitude: float | None = None
    longitude: float | None = None
    macroareas: str = ""


@dataclass(frozen=True)
class Text:
    """One language's text: documents in the order of their source."""

    language: str
    documents: tuple[str, ...]
    source: str

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 over the documents' lengths and UTF-8 bytes."""
        digest = hashlib.sha256()
        for document in self.documents:
            encoded = document.encode()
            digest.update(f"{len(encoded)}:".encode() + encoded)
        return digest.hexdigest()


@dataclass(frozen=True)
class CorpusIdentity:
    """Which text this is, and on what terms it may be read."""

    name: str
    version: str
    licence: str
    source: str
