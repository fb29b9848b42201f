"""What to cite: langgeo and what CITATION.cff refers to, then what the run's record names; as text and as BibTeX."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import yaml

CITATION = "CITATION.cff"
APART = ("exporters", "executors")
"""Kinds whose components change no figure."""
NOWHERE = ("docs/", "as the ", "http://", "https://")
"""How the source of a component begins that refers to nothing one cites."""
_SOURCE = re.compile(
    r"(?P<authors>[^\d;(]+?),? (?P<year>\d{4})(?:, (?P<title>.+?))??(?:, (?P<place>arXiv \S+|https?://\S+))?"
)


@dataclass(frozen=True)
class Reference:
    """A reference; `uses` says what of the run it is for, and a `title` that nobody states is empty."""

    authors: tuple[str, ...]
    title: str = ""
    year: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)
    uses: tuple[str, ...] = ()
    entry: str = "misc"

    @property
    def key(self) -> str:
        """`hammarstrom` or `shamrai2025`; of software its name."""
        named = (self.title,) if self.entry == "software" else (*self.authors, self.title)
        plain = unicodedata.normalize("NFKD", named[0].partition(",")[0].lower())
        return re.sub(r"[^a-z0-9]", "", plain) + self.year

    @property
    def short(self) -> str:
        """`Frantar & Alistarh 2023`, as in a sentence; the title where there are no authors."""
        families = [one.partition(", ")[0] for one in self.authors]
        several = "et al." if len(families) > 2 or families[1:] == ["others"] else ""
        who = f"{families[0]} {several}".strip() if several else " & ".join(families)
        return " ".join(filter(None, [who or self.title, self.year]))

    def __str__(self) -> str:
        """`Frantar & Alistarh (2023). SparseGPT: …. arXiv 2301.00774.`"""
        parts = [one.partition(", ") for one in self.authors]
        names = [f"{given} {family}" if given else family for family, _, given in parts]
        who = " & ".join(filter(None, [", ".join(names[:-1]), *names[-1:]])).replace(" & others", " et al.")
        marks = {"eprint": "arXiv ", "version": "version "}
        where = [f"{marks.get(name, '')}{value}" for name, value in self.fields.items() if name != "archiveprefix"]
        dated = f"{who} ({self.year})" if self.year else who
        return ". ".join(filter(None, [dated, self.title, *where])) + "."

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
    """What the record of run.json and CITATION.cff name."""
    found: list[Reference] = []
    for reference in (*_of_langgeo(record), *_of_components(record)):
        _add(found, reference)
    return Citations(tuple(_unlike(found)), tuple(_unstated(record)))


def of_source(source: str) -> list[Reference]:
    """The references in a component's `source`: `Authors YEAR, Title, arXiv NUMBER or an address`, divided by `; `.

    Examples
    --------
    >>> [str(one) for one in of_source("Lin 1991; Sun et al. 2024, A Simple Approach, arXiv 2306.11695; docs/x.md")]
    ['Lin (1991).', 'Sun et al. (2024). A Simple Approach. arXiv 2306.11695.']
    """
    return [_parsed(text) for text in source.split("; ") if text and not text.startswith(NOWHERE)]


def _parsed(text: str) -> Reference:
    match = _SOURCE.fullmatch(text)
    if match is None:
        return Reference((), text)
    place = match["place"] or ""
    fields = (
        {"eprint": place[6:], "archiveprefix": "arXiv"}
        if place.startswith("arXiv")
        else {"url": place}
        if place
        else {}
    )
    names = match["authors"].replace(" et al.", ", others").replace(" & ", ", ").split(", ")
    return Reference(tuple(names), match["title"] or "", match["year"], fields)


def _of_langgeo(record: Mapping[str, Any]) -> Iterator[Reference]:
    """langgeo in the version of the run, and the references of CITATION.cff."""
    inside = Path(__file__).parent / CITATION  # where it was installed from a wheel; at the top in a checkout
    file = inside if inside.is_file() else Path(__file__).parents[2] / CITATION
    cited = yaml.safe_load(file.read_text(encoding="utf-8"))
    own = {**cited, "version": record.get("langgeo") or cited["version"]}
    yield _of_cff(own, "software", (f"this page and the distances: run {record.get('name')}",))
    for reference in cited["references"]:
        yield _of_cff(reference, "misc", (reference["notes"],))


def _of_cff(cited: Mapping[str, Any], entry: str, uses: tuple[str, ...]) -> Reference:
    authors = tuple(one.get("name") or f"{one['family-names']}, {one['given-names']}" for one in cited["authors"])
    arxiv = [
        one["value"].removeprefix("arXiv:") for one in cited.get("identifiers", ()) if one["value"].startswith("arXiv:")
    ]
    fields = {
        "booktitle": cited.get("collection-title"),
        "publisher": (cited.get("publisher") or {}).get("name"),
        "version": cited.get("version"),
        "eprint": arxiv[0] if arxiv else None,
        "archiveprefix": "arXiv" if arxiv else None,
        "url": cited.get("url"),
        "note": cited.get("license"),
    }
    entry = "inproceedings" if cited.get("type") == "conference-paper" else entry
    known = {name: str(value) for name, value in fields.items() if value}
    return Reference(authors, cited["title"], str(cited.get("year", "")), known, uses, entry)


def _of_components(record: Mapping[str, Any]) -> Iterator[Reference]:
    for kind, chosen in record.get("components", {}).items():
        for component in chosen if kind not in APART else ():
            use = f"{_one(kind)} {component['name']}"
            stated = of_source(component.get("source") or "")
            identity = _identity(record.get(kind, ()), component["name"])
            if identity and not any(one.year for one in stated):
                stated = [Reference((), str(identity["name"]), "", {"howpublished": str(identity.get("source") or "")})]
            version, licence = (str(identity.get(key) or "") for key in ("version", "licence"))
            extra = {"version": version or str(identity.get("revision") or ""), "note": licence}
            added = {name: value for name, value in extra.items() if value}
            yield from (replace(one, fields={**one.fields, **added}, uses=(use,)) for one in stated)


def _identity(items: Any, name: str) -> Mapping[str, Any]:
    """What the record has of a model or corpus beside its component."""
    return next((one for one in items if isinstance(one, Mapping) and name in (one.get("label"), one.get("name"))), {})


def _one(kind: str) -> str:
    return {"corpora": "corpus"}.get(kind, kind.removesuffix("s"))


def _add(found: list[Reference], new: Reference) -> None:
    """Append a reference, or its uses to the one that is the same, whose short form it may be."""
    for place, old in enumerate(found):
        named = not new.authors and bool(old.title) and old.title in new.title
        same = (old.authors[:1], old.year) == (new.authors[:1], new.year) and bool(new.authors)
        first = [one.authors[0].partition(",")[0] for one in (old, new) if one.authors]
        alike = len(first) == 2 and first[0] == first[1] and old.year == new.year
        if named or ((same or alike) and (old.title == new.title or not old.title or not new.title)):
            fuller = old if old.title else replace(new, uses=old.uses)
            found[place] = replace(fuller, uses=tuple(dict.fromkeys((*old.uses, *new.uses))))
            return
    found.append(new)


def _unlike(found: list[Reference]) -> Iterator[Reference]:
    """The references; of two with one key the second's year gets a letter."""
    keys: dict[str, int] = {}
    for one in found:
        number = keys[one.key] = keys.get(one.key, -1) + 1
        yield replace(one, year=f"{one.year}{chr(ord('a') + number)}") if number else one


def _unstated(record: Mapping[str, Any]) -> Iterator[str]:
    """Components of other distributions than langgeo without a citation, by name and version."""
    for kind, chosen in record.get("components", {}).items():
        for one in chosen:
            if one.get("distribution", "langgeo") != "langgeo" and not of_source(one.get("source") or ""):
                yield f"{_one(kind)} {one['name']}, {one['distribution']} {one.get('version', '')}".strip()


def _escaped(value: str, name: str) -> str:
    """Text for BibTeX: the special characters of TeX escaped, except in addresses."""
    return value if name in ("url", "eprint", "author") else re.sub(r"([&%#_$])", r"\\\1", value)
