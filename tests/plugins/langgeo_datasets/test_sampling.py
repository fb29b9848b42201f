from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

pa = pytest.importorskip("pyarrow")
pytest.importorskip("datasets")

import pyarrow.parquet as parquet  # noqa: E402

from langgeo_core.api import UserError  # noqa: E402
from langgeo_datasets.sampling import REACH, SPREAD, Sample, draw  # noqa: E402


def write_parquet(folder: Path, documents: dict[str, list[str]]) -> list[str]:
    for name, texts in documents.items():
        table = pa.table({"id": [str(number) for number in range(len(texts))], "text": texts})
        parquet.write_table(table, folder / name, row_group_size=10)
    return sorted(str(folder / name) for name in documents)


def sample(**changed: object) -> Sample:
    return Sample(**{"column": "text", "documents": 20, "pool": 40, "seed": 0, **changed})


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    return write_parquet(tmp_path, {f"{file}.parquet": [f"{file}-{n}" for n in range(50)] for file in "abc"})


def test_the_same_seed_draws_the_same_and_another_one_others(files):
    assert draw(files, sample()) == draw(list(reversed(files)), sample())
    assert len({draw(files, sample(seed=seed)) for seed in range(5)}) == 5


def test_no_document_comes_twice_and_files_take_turns(files):
    drawn = draw(files, sample(documents=21))
    assert len(set(drawn)) == len(drawn) == 21
    assert {file: sum(text.startswith(file) for text in drawn) for file in "abc"} == {"a": 7, "b": 7, "c": 7}


def test_when_all_is_asked_for_all_is_drawn(files):
    assert sorted(draw(files, sample(documents=1000))) == sorted(f"{file}-{n}" for file in "abc" for n in range(50))


def test_reading_goes_no_deeper_than_pool_and_sample(tmp_path):
    files = write_parquet(tmp_path, {"long.parquet": [f"d{n}" for n in range(5000)]})
    for seed in range(3):
        depths = [int(text[1:]) for text in draw(files, sample(documents=30, pool=100, seed=seed))]
        assert max(depths) < 130
        assert max(depths) > 30


def test_more_files_than_are_read_side_by_side_are_all_within_reach(tmp_path):
    files = write_parquet(tmp_path, {f"{n:02}.parquet": [f"{n}-0", f"{n}-1"] for n in range(SPREAD + 4)})
    assert len(draw(files, sample(documents=2 * (SPREAD + 4)))) == 2 * (SPREAD + 4)


def test_no_time_is_slept_away(tmp_path, monkeypatch):
    """`datasets` sleeps for seconds after threads have read shards, and a file is a shard."""
    files = write_parquet(tmp_path, {f"{n}.parquet": [f"{n}-0", f"{n}-1"] for n in range(3)})
    slept: list[float] = []
    monkeypatch.setattr("datasets.iterable_dataset.time.sleep", slept.append)
    assert len(draw(files, sample(documents=6))) == 6
    assert not slept


def test_empty_documents_and_copies_are_passed_over(tmp_path):
    files = write_parquet(tmp_path, {"a.parquet": ["one", "", "  ", "one", None, "two"]})
    assert sorted(draw(files, sample())) == ["one", "two"]


def test_json_lines_and_plain_files_are_read_alike(tmp_path):
    texts = ["première ligne\nseconde", "deux"]
    lines = "".join(json.dumps({"url": "u", "text": text}) + "\n" for text in texts)
    (tmp_path / "a.jsonl").write_text(lines, encoding="utf-8")
    (tmp_path / "b.jsonl.gz").write_bytes(gzip.compress(lines.replace("deux", "trois").encode()))
    (tmp_path / "c.txt").write_text("quatre\n\ncinq", encoding="utf-8")
    (tmp_path / "d.txt.gz").write_bytes(gzip.compress(b"six"))
    files = [str(tmp_path / name) for name in ("a.jsonl", "b.jsonl.gz", "c.txt", "d.txt.gz")]
    assert sorted(draw(files, sample())) == sorted({*texts, "trois", "quatre\n\ncinq", "six"})


def test_another_column_can_hold_the_text(tmp_path):
    (tmp_path / "a.jsonl").write_text('{"content": "hallo"}\n', encoding="utf-8")
    assert draw([str(tmp_path / "a.jsonl")], sample(column="content")) == ("hallo",)


@pytest.mark.parametrize("name", ["a.parquet", "a.jsonl"])
def test_a_missing_column_is_told_with_those_there_are(tmp_path, name):
    if name.endswith("parquet"):
        write_parquet(tmp_path, {name: ["x"]})
    else:
        (tmp_path / name).write_text('{"id": "1", "text": "x"}\n', encoding="utf-8")
    with pytest.raises(UserError, match=r"has no column 'titel'") as caught:
        draw([str(tmp_path / name)], sample(column="titel"))
    assert caught.value.hint == "set `column` to one of id, text"


def test_a_column_of_numbers_is_no_text(tmp_path):
    (tmp_path / "a.jsonl").write_text('{"text": 5}\n', encoding="utf-8")
    with pytest.raises(UserError, match="is not text"):
        draw([str(tmp_path / "a.jsonl")], sample())


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.parquet", b"PAR1 this is none"),
        ("a.jsonl", b'{"text": "whole"}\n{"text": "ha'),
        ("a.jsonl.gz", gzip.compress(b'{"text": "whole"}\n' * 999, mtime=0)[:-20]),
        ("a.txt", b"\xff\xfe"),
    ],
)
def test_a_damaged_file_is_named(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(UserError, match=f"{name}"):
        draw([str(tmp_path / name)], sample(documents=10_000))


def test_the_search_for_wanted_documents_ends(tmp_path):
    files = write_parquet(tmp_path, {"a.parquet": [f"d{n}" for n in range(5 * REACH)]})
    looked: list[str] = []
    assert draw(files, sample(documents=2, wanted=lambda text: bool(looked.append(text)))) == ()
    assert len(looked) == 2 * REACH
    files = write_parquet(tmp_path, {"b.parquet": [f"d{n}" for n in range(REACH)]})
    assert draw(files, sample(documents=2, wanted=lambda text: text == "d7")) == ("d7",)
