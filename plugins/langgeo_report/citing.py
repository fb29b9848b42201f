"""What to cite: langgeo, its method and Glottolog, then what a run's record names; as text and as BibTeX.

langgeo's own entry comes from CITATION.cff; all others of bundled components from one table, `data/references.bib`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any

import yaml

CITATION, TABLE = "CITATION.cff", Path(__file__).parent / "data" / "references.bib"
ALWAYS = {"shamrai2025": "the method", "glottolog": "names, classification and places of languages"}
"""The entries of the table that are always cited, and what for."""
APART = ("exporters", "executors")
"""Kinds whose components change no figure."""
NOWHERE = ("docs/", "as the ", "http://", "https://")
"""How the source of a component begins that refers to nothing one cites."""
PUBLISHED = ("PyPI", "Hugging Face hub", "http://", "https://")
"""How the source of a model or corpus begins that others can get."""
_SOURCE = re.compile(
    r"(?P<authors>[^\d;(]+?),? (?P<year>\d{4})(?:, (?P<title>.+?))??(?:, (?P<place>arXiv \S+|https?://\S+))?"
    r"(?: \([^()]*\))?"
)
_ENTRY = re.compile(r"^@(\w+)\{(\w+),\n(.*?)^\}", re.DOTALL | re.MULTILINE)
_FIELD = re.compile(r"^  (\w+) = \{(.*)\},$", re.MULTILINE)


@dataclass(frozen=True)
class Reference:
    """A reference; `uses` says what of the run it is for, and a `title` that nobody states is empty."""

    key: str
    authors: tuple[str, ...] = ()
    title: str = ""
    year: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)
    uses: tuple[str, ...] = ()
    entry: str = "misc"

    @property
    def short(self) -> str:
        """`Frantar & Alistarh 2023`, as in a sentence; the title where there are no authors."""
        families = [one.partition(", ")[0] for one in self.authors]
        several = "et al." if len(families) > 2 or families[1:] == ["others"] else ""
        who = f"{families[0]} {several}".strip() if several else " & ".join(families)
        return " ".join(filter(None, [who or self.title, self.year]))

    def __str__(self) -> str:
        """`Elias Frantar & Dan Alistarh (2023). SparseGPT: …. arXiv 2301.00774.`"""
        parts = [one.partition(", ") for one in self.authors]
        names = [f"{given} {family}" if given else family for family, _, given in parts]
        who = " & ".join(filter(None, [", ".join(names[:-1]), *names[-1:]])).replace(" & others", " et al.")
        known = {name: value for name, value in self.fields.items() if name not in ("archiveprefix", "number")}
        venue = " ".join(filter(None, [known.pop("journal", known.pop("booktitle", "")), known.pop("volume", "")]))
        place = ", ".join(filter(None, [venue, known.pop("pages", "").replace("--", "–")]))
        marks = {"eprint": "arXiv ", "version": "version "}
        where = [f"{marks.get(name, '')}{value}" for name, value in known.items()]
        dated = f"{who} ({self.year})" if self.year else who
        return ". ".join(filter(None, [dated, self.title, place, *where])) + "."

    def bibtex(self) -> str:
        """An entry, or a comment where the title is not known."""
        if not self.title:
            return f"% {self} (no title is recorded; {', '.join(self.uses)})"
        authors = " and ".join(
            one if ", " in one or one == "others" or " " not in one else f"{{{one}}}" for one in self.authors
        )
        known = {"author": authors, "title": f"{{{self.title}}}", "year": self.year, **self.fields}
        lines = [f"  {name} = {{{_escaped(value, name)}}}," for name, value in known.items() if value]
        return "\n".join([f"@{self.entry}{{{self.key},", *lines, "}"])


@cache
def table() -> dict[str, Reference]:
    """The references of bundled components by their keys."""
    return {
        key: _of_entry(kind, key, dict(_FIELD.findall(inside)))
        for kind, key, inside in _ENTRY.findall(TABLE.read_text(encoding="utf-8"))
    }


def _of_entry(kind: str, key: str, fields: dict[str, str]) -> Reference:
    authors = tuple(one.strip("{}") for one in fields.pop("author").split(" and "))
    return Reference(key, authors, fields.pop("title").strip("{}"), fields.pop("year", ""), fields, (), kind)


@dataclass(frozen=True)
class Citations:
    """The references in the order in which they are cited, and the components of others that state none."""

    references: tuple[Reference, ...]
    unstated: tuple[str, ...]

    @property
    def bibtex(self) -> str:
        """All entries, those without a title as comments at the end."""
        ordered = sorted(self.references, key=lambda one: not one.title)
        return "\n".join(one.bibtex() for one in ordered)


def citations(record: Mapping[str, Any]) -> Citations:
    """What the record of run.json names, after langgeo, its method and Glottolog; without a record these alone.

    Models and texts that no one else can get, such as a folder of one's own, are left out.
    """
    found = [_of_langgeo(record), *(replace(table()[key], uses=(use,)) for key, use in ALWAYS.items())]
    for reference in _of_components(record):
        _add(found, reference)
    return Citations(tuple(_unlike(found)), tuple(_unstated(record)))


def of_source(source: str, bundled: bool = True) -> list[Reference]:
    """The references in a component's `source`: `Authors YEAR, Title, arXiv NUMBER or an address`, divided by `; `.

    Those in the table, by their address too, are as they are there; without a title only a `bundled` component's.

    Examples
    --------
    >>> [str(one) for one in of_source("Who 1991; You et al. 2024, A Book, arXiv 2306.00000; docs/x.md")]
    ['Who (1991).', 'You et al. (2024). A Book. arXiv 2306.00000.']
    >>> [one.key for one in of_source("Lin 1991; Glottolog (Hammarström et al., CC BY 4.0)")]
    ['lin1991', 'glottolog']
    """
    addresses = {one.fields["url"]: one for one in table().values() if "url" in one.fields}
    texts = [text for text in source.split("; ") if text and (text in addresses or not text.startswith(NOWHERE))]
    return [addresses.get(text) or _known(_parsed(text), bundled) for text in texts]


def _parsed(text: str) -> Reference:
    match = _SOURCE.fullmatch(text)
    if match is None:
        return Reference(_plain(text), (), text)
    place, fields = match["place"] or "", dict[str, str]()
    if place:
        fields = {"eprint": place[6:], "archiveprefix": "arXiv"} if place.startswith("arXiv") else {"url": place}
    names = match["authors"].replace(" et al.", ", others").replace(" & ", ", ").split(", ")
    return Reference(_plain(names[0]) + match["year"], tuple(names), match["title"] or "", match["year"], fields)


def _known(found: Reference, bundled: bool) -> Reference:
    """The reference of the table that this one is, or itself."""
    first = [one.partition(", ")[0] for one in found.authors[:1]]
    for one in table().values():
        titled = found.title and one.title.casefold().startswith(found.title.casefold())
        if first and (one.authors[0].partition(", ")[0], one.year) == (first[0], found.year):
            if titled or (bundled and not found.title):
                return one
        elif not first and bundled and found.title.partition(" (")[0] == one.title:
            return one
    return found


def _plain(name: str) -> str:
    """The letters and digits of a name, as keys have them."""
    return re.sub(r"[^a-z0-9]", "", unicodedata.normalize("NFKD", name.partition(",")[0].lower()))


def _of_langgeo(record: Mapping[str, Any]) -> Reference:
    """langgeo in the version of the run, as CITATION.cff says."""
    inside = Path(__file__).parent / CITATION  # where it was installed from a wheel; at the top in a checkout
    file = inside if inside.is_file() else Path(__file__).parents[2] / CITATION
    cited = yaml.safe_load(file.read_text(encoding="utf-8"))
    known = {
        "version": record.get("langgeo") or cited["version"],
        "url": cited.get("url") or cited.get("repository-code"),
        "note": cited["license"],
    }
    fields = {name: str(value) for name, value in known.items() if value}
    authors, year = tuple(one["name"] for one in cited["authors"]), str(cited["date-released"])[:4]
    uses = (f"this page and the distances: run {record['name']}",) if "name" in record else ()
    return Reference(cited["title"], authors, cited["title"], year, fields, uses, "software")


def _of_components(record: Mapping[str, Any]) -> Iterator[Reference]:
    for kind, chosen in record.get("components", {}).items():
        for component in chosen if kind not in APART else ():
            use = f"{_one(kind)} {component['name']}"
            stated = of_source(component.get("source") or "", component.get("distribution") == "langgeo")
            identity = _identity(record.get(kind, ()), component["name"])
            source = str(identity.get("source") or "")
            if identity and not any(one.year for one in stated):
                name = str(identity["name"])
                published = source.startswith(PUBLISHED)
                stated = [Reference(_plain(name), (), name, "", {"howpublished": source})] if published else []
            version, licence = (str(identity.get(key) or "") for key in ("version", "licence"))
            extra = {"version": version or str(identity.get("revision") or ""), "note": licence}
            added = {name: value for name, value in extra.items() if value not in ("", "unknown", "unpinned")}
            yield from (replace(one, fields={**one.fields, **added}, uses=(use,)) for one in stated)


def is_own(identity: Mapping[str, Any]) -> bool:
    """Whether the record of a model or corpus says that it was read from a folder or file of this machine."""
    return is_local(str(identity.get("source") or ""))


def is_local(text: str) -> bool:
    """Whether this is the path of a file or folder, from the top."""
    return PurePosixPath(text).is_absolute() or PureWindowsPath(text).is_absolute()


def _identity(items: Any, name: str) -> Mapping[str, Any]:
    """What the record has of a model or corpus beside its component."""
    return next((one for one in items if isinstance(one, Mapping) and name in (one.get("label"), one.get("name"))), {})


def _one(kind: str) -> str:
    return {"corpora": "corpus"}.get(kind, kind.removesuffix("s"))


def _add(found: list[Reference], new: Reference) -> None:
    """Append a reference, or its uses to the one that is the same, whose short form it may be."""
    for place, old in enumerate(found):
        if old.key == new.key and (old.title == new.title or not old.title or not new.title):
            fuller = old if old.title else replace(new, uses=old.uses)
            found[place] = replace(fuller, uses=tuple(dict.fromkeys((*old.uses, *new.uses))))
            return
    found.append(new)


def _unlike(found: list[Reference]) -> Iterator[Reference]:
    """The references; of two with one key the second's gets a letter, and so does its year."""
    keys: dict[str, int] = {}
    for one in found:
        number = keys[one.key] = keys.get(one.key, -1) + 1
        letter = chr(ord("a") + number) if number else ""
        yield replace(one, key=one.key + letter, year=one.year + letter if one.year else "")


def _unstated(record: Mapping[str, Any]) -> Iterator[str]:
    """Components of other distributions than langgeo without a citation, by name and version."""
    for kind, chosen in record.get("components", {}).items():
        for one in chosen:
            if one.get("distribution", "langgeo") != "langgeo" and not of_source(one.get("source") or ""):
                yield f"{_one(kind)} {one['name']}, {one['distribution']} {one.get('version', '')}".strip()


def _escaped(value: str, name: str) -> str:
    """Text for BibTeX: the special characters of TeX escaped, except in addresses."""
    return value if name in ("url", "eprint", "author") else re.sub(r"([&%#_$])", r"\\\1", value)
