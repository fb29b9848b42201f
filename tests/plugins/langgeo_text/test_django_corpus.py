from __future__ import annotations

import unicodedata
from collections import Counter
from importlib import metadata
from pathlib import Path

import polib
import pytest

import langgeo_text
from langgeo_core.api import LanguageTable, MissingPackageError, UserError
from langgeo_core.languages.table import SCRIPTS
from langgeo_text.django import Django
from langgeo_text.django_names import DROPPED, NAMES, language_of
from langgeo_text.options import DjangoOptions
from langgeo_text.udhr import Udhr

MAIN, ADMIN = "conf", "contrib/admin"


def installed() -> bool:
    try:
        return metadata.version("django") != "0.1"
    except metadata.PackageNotFoundError:
        return False


def entry(msgid: str, text: str, **more: object) -> polib.POEntry:
    return polib.POEntry(msgid=msgid, msgstr=text, **more)


class Fake:
    """A distribution named django in a folder of its own, with the catalogues that a test writes."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.files = folder, []

    def write(self, locale: str, home: str, *entries: polib.POEntry) -> None:
        catalogue = polib.POFile()
        catalogue.metadata = {"Content-Type": "text/plain; charset=utf-8"}
        catalogue.extend(entries)
        place = Path("django") / home / "locale" / locale / "LC_MESSAGES" / "django.po"
        (self.folder / place).parent.mkdir(parents=True)
        catalogue.save(str(self.folder / place))
        catalogue.save_as_mofile(str((self.folder / place).with_suffix(".mo")))
        self.files += [place, place.with_suffix(".mo")]

    def finish(self) -> None:
        info = self.folder / "django-0.1.dist-info"
        info.mkdir()
        (info / "METADATA").write_text("Metadata-Version: 2.1\nName: django\nVersion: 0.1\n", encoding="utf-8")
        (info / "RECORD").write_text("".join(f"{file.as_posix()},,\n" for file in self.files), encoding="utf-8")


@pytest.fixture
def fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Fake:
    monkeypatch.syspath_prepend(str(tmp_path))
    made = Fake(tmp_path)
    plural = {"msgid_plural": "Delete %s files", "msgstr_plural": {0: "", 1: ""}}
    made.write("en", MAIN, entry("Enter a value.", ""), entry("March", ""), entry("Delete %s file", "", **plural))
    made.write("en", ADMIN, entry("Log in again", ""), entry("Log in again", "", msgctxt="title"))
    return made


def german(fake: Fake) -> None:
    forms = {"msgid_plural": "Delete %s files", "msgstr_plural": {0: "Eine Datei löschen", 1: "%s Dateien löschen"}}
    fake.write(
        "de",
        MAIN,
        entry("Delete %s file", "", **forms),
        entry("March", "März"),
        entry("Enter a value.", "Bitte einen <b>Wert</b> eingeben."),
    )
    fake.write("de", ADMIN, entry("Log in again", "Anmelden", msgctxt="title"), entry("Log in again", "Neu anmelden"))


def french(fake: Fake) -> None:
    fake.write("fr", MAIN, entry("Enter a value.", "Saisissez une valeur.", flags=["fuzzy"]), entry("March", "mars"))
    fake.write(
        "fr", ADMIN, entry("Log in again", "Reconnexion"), entry("Log in again", "Log in again", msgctxt="title")
    )


def lines(corpus: Django, language: str) -> list[str]:
    (document,) = corpus.read(language).documents
    return document.split("\n")


def test_messages_come_in_the_order_of_the_english_catalogues(fake: Fake):
    german(fake)
    fake.finish()
    corpus = Django(DjangoOptions())
    assert list(corpus.languages()) == ["deu", "eng"]
    assert lines(corpus, "eng") == ["Enter a value.", "Delete files", "Log in again", "Log in again"]
    assert lines(corpus, "deu") == ["Bitte einen Wert eingeben.", "Dateien löschen", "Neu anmelden", "Anmelden"]
    assert corpus.read("deu").source == "django 0.1: de"
    assert corpus.identity().version == "django 0.1"


def test_fuzzy_untranslated_and_english_messages_are_left_out(fake: Fake):
    french(fake)
    fake.finish()
    assert lines(Django(DjangoOptions()), "fra") == ["Reconnexion"]
    assert lines(Django(DjangoOptions(words=1)), "fra") == ["mars", "Reconnexion"]


def test_parallel_languages_have_the_same_messages_and_the_others_none(fake: Fake):
    german(fake)
    french(fake)
    fake.finish()
    assert list(Django(DjangoOptions(parallel=1)).languages()) == ["deu", "eng"]
    corpus = Django(DjangoOptions(parallel=0.25))
    assert list(corpus.languages()) == ["deu", "eng", "fra"]
    assert [lines(corpus, language) for language in ("deu", "eng", "fra")] == [
        ["Neu anmelden"],
        ["Log in again"],
        ["Reconnexion"],
    ]
    with pytest.raises(UserError, match="django has no text in fra"):
        Django(DjangoOptions(parallel=1)).read("fra")


def test_another_country_s_variety_is_left_out(fake: Fake):
    fake.write("en_AU", MAIN, entry("Enter a value.", "Enter a value, mate."))
    fake.write("pt_BR", MAIN, entry("Enter a value.", "Informe um valor."))
    fake.write("sr_Latn", MAIN, entry("Enter a value.", "Unesite vrednost."))
    fake.finish()
    assert list(Django(DjangoOptions()).languages()) == ["eng", "por", "srp_Latn"]


def test_a_damaged_or_missing_catalogue_is_named(fake: Fake, tmp_path: Path):
    german(fake)
    fake.finish()
    compiled = tmp_path / "django/conf/locale/de/LC_MESSAGES/django.mo"
    compiled.write_bytes(compiled.read_bytes()[:40])
    with pytest.raises(UserError, match=r"django\.mo cannot be read"):
        Django(DjangoOptions()).read("deu")
    compiled.unlink()
    with pytest.raises(UserError, match=r"django\.mo is missing"):
        Django(DjangoOptions()).read("deu")


def test_without_django_the_pip_line_is_given(monkeypatch):
    def missing(name: str) -> metadata.Distribution:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "distribution", missing)
    for ask in (Django(DjangoOptions()).identity, Django(DjangoOptions()).languages):
        with pytest.raises(MissingPackageError) as caught:
            ask()
        assert caught.value.hint == 'pip install "langgeo[starter]"'


def test_a_django_without_catalogues_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.syspath_prepend(str(tmp_path))
    Fake(tmp_path).finish()
    with pytest.raises(MissingPackageError, match=r"django 0\.1 has no message catalogues"):
        Django(DjangoOptions()).languages()


def test_the_record_says_what_it_needs():
    records = {record.name: record for record in langgeo_text.langgeo_corpora()}
    assert records["django"].requires == ("django", "polib")
    assert records["django"].load("factory") is Django


@pytest.fixture(scope="module")
def django() -> Django:
    if not installed():
        pytest.skip("django is not installed")
    return Django(DjangoOptions())


@pytest.mark.starter
def test_ids_are_those_of_the_table_and_of_the_declaration(django):
    ids = list(django.languages())
    assert len(ids) == 92
    assert [identifier for identifier in ids if LanguageTable().lookup(identifier).id != identifier] == []
    assert set(ids) - set(Udhr().languages()) == {"ckb", "dsb", "kab", "udm"}


@pytest.mark.starter
def test_scripts_are_those_of_the_declaration_and_of_the_letters(django):
    scripts, known = django.scripts(), Udhr().scripts()
    assert set(scripts.values()) <= SCRIPTS
    assert {identifier for identifier, script in scripts.items() if known.get(identifier, script) != script} == set()
    names = {"Latn": "LATIN", "Cyrl": "CYRILLIC", "Arab": "ARABIC", "Deva": "DEVANAGARI", "Grek": "GREEK"}
    for identifier, script in scripts.items():
        letters = Counter(unicodedata.name(letter, "").split(" ")[0] for letter in django.read(identifier).documents[0])
        del letters[""], letters["SPACE"]
        assert names.get(script, "") in ("", letters.most_common(1)[0][0]), identifier


@pytest.mark.starter
def test_no_placeholder_is_left(django):
    text = "\n".join(django.read(language).documents[0] for language in django.languages())
    assert [line for line in text.split("\n") if "%(" in line or "</" in line or "{}" in line or not line.strip()] == []


@pytest.mark.starter
def test_every_choice_names_a_locale_that_exists(django):
    files = metadata.distribution("django").files or ()
    locales = {file.parts[-3] for file in files if file.suffix == ".po"}
    assert locales >= set(NAMES) | set(DROPPED)
    kept = [locale for locale in locales if locale not in DROPPED]
    assert len({language_of(locale) for locale in kept}) == len(kept)


@pytest.mark.starter
def test_parallel_texts_are_the_same_lines(django):
    corpus = Django(DjangoOptions(parallel=0.9))
    assert len(corpus.languages()) >= 40
    assert len({len(lines(corpus, language)) for language in corpus.languages()}) == 1
