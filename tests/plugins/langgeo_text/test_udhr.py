from collections import defaultdict
from importlib import metadata
from itertools import combinations
from pathlib import Path

import pytest

import langgeo_text
from langgeo_core.api import MissingPackageError, UserError
from langgeo_core.languages.table import SCRIPTS, LanguageTable
from langgeo_text.udhr import Udhr, _declarations, read_declaration
from langgeo_text.udhr_names import DROPPED, NAMES

DOCUMENT = """<?xml version="1.0" encoding="UTF-8"?>
<udhr iso639-3="deu" iso15924="Latn" xmlns="http://www.unhchr.ch/udhr">
  <title>Die Erklärung</title>
  <note><para>Resolution 217</para></note>
  <preamble><title>Präambel</title><para>Da die
     Anerkennung</para></preamble>
  <article number="1"><title>Artikel 1</title><para>Alle Menschen</para>
    <orderedlist><listitem><para>ohne Unterschied,</para></listitem></orderedlist></article>
  <article number="2"><title>Artikel 2</title><para> </para></article>
</udhr>
"""


def installed() -> bool:
    try:
        metadata.distribution("notofonttools")
    except metadata.PackageNotFoundError:
        return False
    return True


@pytest.fixture(scope="module")
def udhr() -> Udhr:
    if not installed():
        pytest.skip("notofonttools is not installed")
    return Udhr()


def test_the_plugin_registers_records_that_load():
    udhr, _, folder = langgeo_text.langgeo_corpora()
    assert (udhr.name, folder.name) == ("udhr", "text-folder")
    assert udhr.load("factory") is Udhr
    assert (udhr.requires, udhr.install) == (("notofonttools",), '"langgeo[starter]"')
    assert folder.load("factory")(folder.load("options")(path="texts")).identity().name == "text-folder"


def test_titles_and_notes_are_left_out_and_empty_articles_not_counted(tmp_path):
    path = tmp_path / "udhr_deu.xml"
    path.write_text(DOCUMENT, encoding="utf-8")
    declaration = read_declaration(path)
    assert declaration.paragraphs == ("Da die Anerkennung", "Alle Menschen", "ohne Unterschied,")
    assert (declaration.iso639_3, declaration.script, declaration.articles) == ("deu", "Latn", 1)


def test_a_broken_file_is_named(tmp_path):
    path = tmp_path / "udhr_deu.xml"
    path.write_text(DOCUMENT[:300], encoding="utf-8")
    with pytest.raises(UserError, match=r"udhr_deu\.xml"):
        read_declaration(path)


def test_without_the_package_the_pip_line_is_given(monkeypatch):
    def missing(name: str) -> metadata.Distribution:
        raise metadata.PackageNotFoundError(name)

    _declarations.cache_clear()
    monkeypatch.setattr(metadata, "distribution", missing)
    for ask in (Udhr().identity, Udhr().languages):
        with pytest.raises(MissingPackageError) as caught:
            ask()
        assert caught.value.hint == 'pip install "langgeo[starter]"'


@pytest.mark.starter
def test_identity_reads_no_text(udhr, monkeypatch):
    def refuse(path: Path) -> None:
        raise AssertionError(path)

    monkeypatch.setattr("langgeo_text.udhr.read_declaration", refuse)
    identity = Udhr().identity()
    assert identity.version == f"notofonttools {metadata.version('notofonttools')}"
    assert "OHCHR" in identity.licence


@pytest.mark.starter
def test_ids_are_unique_and_those_of_the_table(udhr):
    ids = udhr.languages()
    assert len(ids) == len(set(ids)) == 438
    assert [identifier for identifier in ids if LanguageTable().lookup(identifier).id != identifier] == []


@pytest.mark.starter
def test_the_known_traps(udhr):
    ids = set(udhr.languages())
    assert ids.isdisjoint({"ckb", "prq", "pbu", "khk_Mong", "taj", "tgl_Tglg", "tzm_Tfng", "und", "cmn", "est", "que"})
    assert ids >= {"kmr", "cbs", "ekk", "lvs", "gax", "qud", "cmn_Hans", "cmn_Hant", "csw", "ike", "lus", "kha", "nan"}
    assert ids >= {"deu_1901", "azj_Cyrl", "srp_Latn", "fuf_Adlm", "vie_Hani", "zlm_Arab", "por_PT", "ron_1953"}


@pytest.mark.starter
@pytest.mark.parametrize(
    ("identifier", "file", "script"),
    [
        ("deu", "deu_1996", "Latn"),
        ("azj", "azj_latn", "Latn"),
        ("srp", "srp_cyrl", "Cyrl"),
        ("uig", "uig_arab", "Arab"),
        ("cmn_Hant", "cmn_hant", "Hant"),
        ("roh", "roh_rumgr", "Latn"),
        ("ekk", "est", "Latn"),
        ("rup", "rmy", "Latn"),
        ("kng", "kng_AO", "Latn"),
        ("jpn", "jpn", "Jpan"),
    ],
)
def test_the_plain_id_has_the_usual_spelling(udhr, identifier, file, script):
    assert udhr.read(identifier).source.endswith(f"udhr_{file}.xml")
    assert udhr.scripts()[identifier] == script


@pytest.mark.starter
def test_a_script_in_an_id_is_the_script_of_the_text(udhr):
    scripts = udhr.scripts()
    assert list(scripts) and set(scripts) == set(udhr.languages())
    assert set(scripts.values()) <= SCRIPTS
    named = {identifier: LanguageTable().lookup(identifier).script for identifier in scripts}
    assert [identifier for identifier, script in named.items() if script and script != scripts[identifier]] == []


@pytest.mark.starter
def test_the_text_is_one_document_a_paragraph_a_line(udhr):
    text = udhr.read("eng")
    (document,) = text.documents
    lines = document.split("\n")
    assert text.language == "eng"
    assert lines[0].startswith("Whereas recognition of the inherent dignity")
    assert not any(line.startswith("Article 1") or not line.strip() for line in lines)
    assert len(lines) > 50
    assert text.fingerprint == Udhr().read("eng").fingerprint


@pytest.mark.starter
def test_every_text_is_whole(udhr):
    lengths = {identifier: len(udhr.read(identifier).documents[0]) for identifier in udhr.languages()}
    assert min(lengths.values()) > 2_000


@pytest.mark.starter
def test_no_two_languages_share_their_text(udhr):
    holders = defaultdict(set)
    paragraphs = {}
    for identifier in udhr.languages():
        paragraphs[identifier] = set(udhr.read(identifier).documents[0].split("\n"))
        for paragraph in paragraphs[identifier]:
            holders[paragraph].add(identifier)
    shared = defaultdict(int)
    for ids in holders.values():
        for pair in combinations(sorted(ids), 2):
            shared[pair] += 1
    copies = [
        (one, other)
        for (one, other), count in shared.items()
        if one.partition("_")[0] != other.partition("_")[0]
        and count > min(len(paragraphs[one]), len(paragraphs[other])) / 2
    ]
    assert copies == []


@pytest.mark.starter
def test_every_choice_names_a_file_that_exists(udhr):
    files = metadata.distribution("notofonttools").files or ()
    keys = {Path(str(file)).stem.removeprefix("udhr_") for file in files if file.match("third_party/udhr/udhr_*.xml")}
    assert keys >= set(NAMES) | set(DROPPED)


@pytest.mark.starter
def test_a_language_without_a_text_is_refused_with_what_there_is(udhr):
    with pytest.raises(UserError) as caught:
        udhr.read("cmn")
    assert "cmn_Hans, cmn_Hant" in caught.value.hint
