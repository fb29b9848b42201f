from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from unittest import SkipTest

import pytest

pytest.importorskip("datasets")
pa = pytest.importorskip("pyarrow")

import pyarrow.parquet as parquet  # noqa: E402
from pydantic import ValidationError  # noqa: E402

import langgeo_datasets  # noqa: E402
from langgeo_core.api import ConfigError, LanguageTable, UnavailableError, UserError, bundled_catalog  # noqa: E402
from langgeo_core.plugins.registry import installed  # noqa: E402
from langgeo_datasets import corpus as module  # noqa: E402
from langgeo_datasets.api import kept_samples  # noqa: E402
from langgeo_datasets.corpus import HubText  # noqa: E402
from langgeo_datasets.options import HubTextOptions  # noqa: E402
from langgeo_datasets.places import Place  # noqa: E402
from langgeo_testing import checks  # noqa: E402

COMMIT = "0123456789abcdef0123456789abcdef01234567"
LAYOUTS = {
    "wikipedia": ("wikimedia/wikipedia", "20231101.de/train-00000-of-00002.parquet", ("id", "url", "title", "text")),
    "culturax": ("uonlp/CulturaX", "de/de_part_00000.parquet", ("text", "timestamp", "url", "source")),
    "fineweb-2": ("HuggingFaceFW/fineweb-2", "data/deu_Latn/train/000_00000.parquet", ("text", "id", "dump", "url")),
}


@pytest.fixture(autouse=True)
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cache of langgeo's and one of the hub's, both empty; no network."""
    monkeypatch.setenv("LANGGEO_CACHE", str(tmp_path / "langgeo"))
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)


def write(file: Path, columns: tuple[str, ...] = ("text",), rows: int = 30) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    parquet.write_table(pa.table({name: [f"{name} {n} of {file.name}" for n in range(rows)] for name in columns}), file)
    return file


def bundled(name: str, **changed: object) -> HubText:
    """A corpus of registry.yaml with some options changed."""
    node = bundled_catalog().corpora[name].options
    options = {key.text: plain(value) for key, value in node.entries}
    return HubText(HubTextOptions(**{**options, "documents": 10, "pool": 40, **changed}))


def plain(node: object) -> object:
    from langgeo_core.config.nodes import plain as unmarked

    return unmarked(node)


def options(**changed: object) -> HubTextOptions:
    return HubTextOptions(**{"repo": "an/other", "codes": {"deu": "de", "fra": "fr"}, "documents": 5, **changed})


def as_snapshot(tmp_path: Path, repo: str) -> Path:
    home = tmp_path / "hub" / f"datasets--{repo.replace('/', '--')}"
    (home / "refs").mkdir(parents=True)
    (home / "refs" / "main").write_text(COMMIT, encoding="utf-8")
    return home / "snapshots" / COMMIT


@pytest.mark.parametrize("name", LAYOUTS)
def test_a_folder_laid_out_like_the_hub_s_is_read(name, tmp_path):
    _, file, columns = LAYOUTS[name]
    write(tmp_path / "local" / file, columns)
    corpus = bundled(name, path=tmp_path / "local")
    assert list(corpus.languages()) == ["deu"]
    text = corpus.read("deu")
    assert len(set(text.documents)) == 10
    assert all(document.startswith("text ") for document in text.documents)
    assert corpus.identity().version == "local files"


@pytest.mark.parametrize("name", LAYOUTS)
def test_the_hub_s_cache_on_this_machine_is_read(name, tmp_path):
    repo, file, columns = LAYOUTS[name]
    blob = write(tmp_path / "hub" / "blob.parquet", columns)
    link = as_snapshot(tmp_path, repo) / file
    link.parent.mkdir(parents=True)
    link.symlink_to(blob)
    corpus = bundled(name)
    assert len(corpus.languages()) >= 103
    assert len(corpus.read("deu").documents) == 10
    assert COMMIT in corpus.read("deu").source
    assert corpus.identity().version == f"unpinned, read at {COMMIT}"
    with pytest.raises(UnavailableError, match=f"{repo} is not on this machine"):
        corpus.read("fra")


def test_the_test_split_of_fineweb_is_left_alone(tmp_path):
    write(tmp_path / "data/deu_Latn/test/000_00000.parquet")
    with pytest.raises(UserError, match="has no text in any language"):
        bundled("fineweb-2", path=tmp_path).languages()


def test_nothing_is_downloaded_unasked_and_languages_are_known_offline(monkeypatch):
    monkeypatch.setattr(module, "on_hub", lambda *_: pytest.fail("the hub was asked"))
    corpus = HubText(options())
    assert list(corpus.languages()) == ["deu", "fra"]
    assert corpus.identity().version == "unpinned"
    with pytest.raises(UnavailableError) as caught:
        corpus.read("deu")
    assert "download: true" in caught.value.hint


def test_what_was_streamed_is_kept_with_its_commit(tmp_path, monkeypatch):
    file = write(tmp_path / "stream.parquet")
    asked = []

    def hub(*question: object) -> Place:
        asked.append(question)
        return Place((str(file),), COMMIT)

    monkeypatch.setattr(module, "on_hub", hub)
    first = HubText(options(download=True)).read("deu")
    file.unlink()
    later = HubText(options())
    assert later.read("deu").fingerprint == first.fingerprint
    assert later.identity().version == f"unpinned, read at {COMMIT}"
    assert asked == [("an/other", None, "de/*")]


def test_a_pinned_revision_is_its_version(tmp_path, monkeypatch):
    file = write(tmp_path / "stream.parquet")
    monkeypatch.setattr(module, "on_hub", lambda *_: Place((str(file),), COMMIT))
    corpus = HubText(options(download=True, revision=COMMIT))
    corpus.read("deu")
    assert corpus.identity().version == COMMIT


def test_a_code_that_the_hub_lacks_is_told_with_what_is_known_of_it(monkeypatch):
    monkeypatch.setattr(module, "on_hub", lambda *_: None)
    corpus = HubText(options(download=True, unverified=["deu"]))
    with pytest.raises(UserError, match=r"an/other has no files at de/\*") as caught:
        corpus.read("deu")
    assert "not verified" in caught.value.hint


def test_without_a_connection_the_hub_is_named():
    with pytest.raises(UserError, match="an/other cannot be read from the hub"):
        HubText(options(download=True)).read("deu")


def test_a_sample_is_drawn_again_where_the_files_have_changed(tmp_path):
    file = write(tmp_path / "local/de/0.parquet")
    first = HubText(options(path=tmp_path / "local")).read("deu")
    assert HubText(options(path=tmp_path / "local")).read("deu").fingerprint == first.fingerprint
    write(file, rows=31)
    assert HubText(options(path=tmp_path / "local", documents=31)).read("deu").documents != first.documents
    assert len(HubText(options(path=tmp_path / "local", documents=99)).read("deu").documents) == 31


@pytest.mark.parametrize("changed", [{"seed": 1}, {"pool": 2}, {"documents": 6}])
def test_options_of_the_sample_give_another_text(tmp_path, changed):
    write(tmp_path / "local/de/0.parquet")
    here = {"path": tmp_path / "local"}
    assert HubText(options(**here)).read("deu").documents != HubText(options(**here, **changed)).read("deu").documents


def test_a_damaged_kept_sample_is_drawn_again(tmp_path):
    write(tmp_path / "local/de/0.parquet")
    first = HubText(options(path=tmp_path / "local")).read("deu")
    (kept,) = (tmp_path / "langgeo/texts").iterdir()
    kept.write_bytes(kept.read_bytes()[:30])
    assert HubText(options(path=tmp_path / "local")).read("deu").documents == first.documents


def test_a_link_to_nothing_is_named(tmp_path):
    write(tmp_path / "local/de/0.parquet")
    (tmp_path / "local/de/1.parquet").symlink_to(tmp_path / "nowhere")
    with pytest.raises(UserError, match=r"de/1\.parquet is a link to a file that does not exist"):
        HubText(options(path=tmp_path / "local")).read("deu")


def test_a_sample_under_the_address_of_another_is_drawn_again(tmp_path):
    write(tmp_path / "local/de/0.parquet")
    first = HubText(options(path=tmp_path / "local")).read("deu")
    other = HubText(options(path=tmp_path / "local", seed=1)).read("deu")
    here, there = (tmp_path / "langgeo/texts").iterdir()
    here_was, there_was = here.read_bytes(), there.read_bytes()
    here.write_bytes(there_was)
    there.write_bytes(here_was)
    assert sorted(kept_samples()) == [(file, False) for file in sorted((here, there))]
    assert HubText(options(path=tmp_path / "local")).read("deu").documents == first.documents
    assert HubText(options(path=tmp_path / "local", seed=1)).read("deu").documents == other.documents
    assert {sound for _, sound in kept_samples()} == {True}


def test_an_alias_names_its_language_and_a_wrong_id_is_refused():
    assert list(HubText(options(codes={"est": "et", "de": "de"})).languages()) == ["deu", "ekk"]
    with pytest.raises(ConfigError, match="'xx' is not a language id"):
        HubText(options(codes={"xx": "et"})).languages()


def test_a_language_without_a_code_is_refused_with_what_there_is():
    with pytest.raises(UserError, match="an/other has no text in eng"):
        HubText(options()).read("eng")


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"repo": ""}, "needs `repo`"),
        ({"files": "all/*"}, "must contain `{code}`"),
        ({"files": "/{code}/*"}, "inside the data set"),
        ({"codes": {}}, "at least 1"),
        ({"split": "train"}, "Extra inputs"),
    ],
)
def test_options_that_cannot_be_meant_are_refused(wrong, told):
    with pytest.raises(ValidationError, match=told):
        options(**wrong)


@pytest.mark.parametrize(
    ("name", "lacking"),
    [
        ("wikipedia", set()),
        ("culturax", {"nan", "sco"}),
        ("fineweb-2", {"eng", "hbs"}),
    ],
)
def test_the_bundled_codes_cover_the_study_but_for_those_told(name, lacking):
    corpus = bundled(name)
    study = set(bundled_catalog().language_sets["study-106"])
    assert study - set(corpus.languages()) == lacking
    assert set(corpus.languages()) <= study
    codes = [code for language, code in corpus.options.codes.items() if language != "cmn_Hant"]
    assert len(codes) == len(set(codes))
    assert set(corpus.options.unverified) <= set(corpus.options.codes)
    assert [key for key in corpus.options.codes if LanguageTable().lookup(key).id != key] == []


def test_the_traps_among_the_codes():
    wikipedia, fineweb = bundled("wikipedia").options.codes, bundled("fineweb-2").options.codes
    assert (wikipedia["als"], wikipedia["nob"], wikipedia["nan"]) == ("sq", "no", "zh-min-nan")
    assert (fineweb["als"], fineweb["pes"], fineweb["srp"]) == ("als_Latn", "fas_Arab", "srp_Cyrl")


def test_the_record_loads():
    (record,) = langgeo_datasets.langgeo_corpora()
    assert record.load("factory") is HubText
    assert record.load("options") is HubTextOptions
    assert installed().get("corpora", "hub-text").component == record


def test_kept_samples_are_plain_json(tmp_path):
    import gzip

    write(tmp_path / "local/de/0.parquet")
    text = HubText(options(path=tmp_path / "local")).read("deu")
    (kept,) = (tmp_path / "langgeo/texts").iterdir()
    content = json.loads(gzip.decompress(kept.read_bytes()))
    assert len(content.pop("checksum")) == 64
    assert content == {"origin": "local files", "documents": list(text.documents)}


def test_chinese_documents_are_told_apart_by_their_script(tmp_path):
    texts = {"Hans": "这个国家的语言", "Hant": "這個國家的語言", "mixed": "这个 這個", "none": "abc 一二三"}
    rows = [f"{text} {n}" for text in texts.values() for n in range(5)]
    (tmp_path / "zh").mkdir()
    parquet.write_table(pa.table({"text": rows}), tmp_path / "zh" / "0.parquet")
    corpus = HubText(options(path=tmp_path, codes={"cmn_Hans": "zh", "cmn_Hant": "zh"}, documents=20))
    for script in ("Hans", "Hant"):
        assert sorted(corpus.read(f"cmn_{script}").documents) == [f"{texts[script]} {n}" for n in range(5)]


def test_it_keeps_the_promises_of_a_corpus(tmp_path):
    for code in ("de", "fr"):
        write(tmp_path / "local" / code / "0.parquet")
    (record,) = langgeo_datasets.langgeo_corpora()
    given = {"path": str(tmp_path / "local"), "codes": {"deu": "de", "fra": "fr"}, "documents": 5}
    for check in checks(record, options=given):
        with suppress(SkipTest):
            check()
