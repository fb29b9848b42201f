from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from langgeo_core.api import CalibrationSettings, Text, UserError
from langgeo_core.calibration.windows import cell_windows, choose_windows, one_window_each, select
from langgeo_core.planning.texts import surely_short

WORDS = ["the", "quick", "brown", "fox", "jumps", "over", "the", "lazy", "dog", "and", "runs", "home", "again"]


def encode(text: str) -> list[int]:
    """A token a word: the sum of its letters."""
    return [sum(map(ord, word)) for word in text.split()]


def letters(text: str) -> list[int]:
    return [ord(letter) for letter in text]


def settings(**changed: object) -> CalibrationSettings:
    return CalibrationSettings(**{"tokens": 32, "window": 8, **changed})


def texts(*lengths: int) -> list[str]:
    return [" ".join(WORDS[(place + n) % len(WORDS)] for n in range(length)) for place, length in enumerate(lengths)]


def test_tokens_are_chosen_from_the_tokenized_documents():
    documents = texts(50, 20)
    chosen = select(documents, encode, settings())
    assert chosen.windows == choose_windows([encode(document) for document in documents], 32, 8, 0)
    assert chosen.available == 70


def test_characters_are_cut_before_tokenizing():
    chosen = select(["naïve café " * 20], letters, settings(unit="characters", tokens=60, window=20))
    assert chosen.available == 220
    assert [len(ids) for ids in chosen.windows.ids] == [20, 20, 20]
    assert all("".join(map(chr, ids)) in "naïve café " * 20 for ids in chosen.windows.ids)


def test_bytes_are_those_of_utf_8_and_no_character_is_halved():
    chosen = select(["ж" * 100], letters, settings(unit="bytes", tokens=64, window=9))
    assert chosen.available == 200
    assert set(map(chr, (letter for ids in chosen.windows.ids for letter in ids))) == {"ж"}
    # Windows of nine bytes from even or odd places hold four whole characters each, the last of one byte none.
    assert [len(ids) for ids in chosen.windows.ids] == [4] * 7 + [0]


def test_lines_are_the_same_in_every_parallel_text():
    english = "\n".join(f"line {n} of the text" for n in range(40))
    german = "\n".join(f"Zeile {n} aus dem viel längeren Text hier" for n in range(40))
    wanted = settings(unit="lines", tokens=12, window=4)
    numbers = [
        [
            word
            for ids in select([text], letters, wanted).windows.ids
            for word in "".join(map(chr, ids)).split()
            if word.isdigit()
        ]
        for text in (english, german)
    ]
    assert numbers[0] == numbers[1]
    assert len(set(numbers[0])) == 12


def test_a_text_is_repeated_in_its_own_unit():
    chosen = select(
        ["one two three four five six seven"], letters, settings(unit="characters", short="cycle", tokens=99)
    )
    assert chosen.available == 33
    assert chosen.windows.tokens == 99


def test_what_is_skipped_is_counted_in_tokens():
    chosen = select(texts(20), encode, settings(unit="characters", short="skip", tokens=1000))
    assert chosen.windows == 20
    assert chosen.fingerprint == ""


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"unit": "characters", "tokens": 1000}, r"characters, fewer than the 1000 asked for"),
        ({"unit": "lines", "tokens": 9}, r"the text has 1 lines, fewer than the 9 asked for"),
        ({"unit": "bytes", "tokens": 20}, r"the text has \d tokens, fewer than the minimum"),
        (
            {"sampling": "one-a-document", "window": 16},
            r"16 tokens in windows of 16, one a document, fewer than the 32",
        ),
        ({"sampling": "one-a-document", "window": 30}, r"0 tokens in windows of 30, one a document, fewer than"),
    ],
)
def test_a_short_text_is_told_in_its_unit(changed, told):
    with pytest.raises(UserError, match=told):
        select(texts(20), encode, settings(**changed))


@pytest.mark.parametrize(
    ("text", "changed", "short"),
    [
        ("x" * 99, {"tokens": 100}, False),  # and one more that a tokenizer may put before it
        ("x" * 98, {"tokens": 100}, True),
        ("ж" * 50, {"tokens": 100}, False),
        ("x" * 74, {"tokens": 100, "short": "use"}, False),
        ("x" * 73, {"tokens": 100, "short": "use"}, True),
        ("x", {"tokens": 100, "short": "cycle"}, False),
        ("x", {"tokens": 100, "short": "skip"}, False),
        ("a\nb\nc", {"tokens": 3, "unit": "lines"}, False),
        ("a\nb\nc", {"tokens": 4, "unit": "lines"}, True),
    ],
)
def test_what_no_tokenizer_finds_enough_in(text, changed, short):
    assert bool(surely_short([text], settings(**{"short": "error", **changed}))) == short


@given(
    lengths=st.lists(st.integers(0, 40), max_size=12),
    tokens=st.integers(1, 100),
    window=st.integers(2, 12),
    seed=st.integers(0, 9),
)
def test_one_window_of_each_long_document_and_no_document_twice(lengths, tokens, window, seed):
    documents = [[100 * place + offset for offset in range(length)] for place, length in enumerate(lengths)]
    windows = one_window_each(documents, tokens, window, seed)
    owners = [ids[0] // 100 for ids in windows.ids]
    assert len(set(owners)) == len(owners)
    assert all(lengths[owner] >= window for owner in owners)
    assert all(list(ids) == list(range(ids[0], ids[0] + len(ids))) for ids in windows.ids)
    assert windows.tokens == min(tokens, window * sum(length >= window for length in lengths))
    assert one_window_each(documents, tokens, window, seed) == windows


def test_every_place_of_a_document_can_start_a_window():
    starts = {one_window_each([list(range(10))], 4, 4, seed).ids[0][0] for seed in range(200)}
    assert starts == set(range(7))


def test_published_sampling_is_chosen_by_the_settings():
    documents = [encode(text) for text in texts(30, 30, 30, 30)]
    chosen = cell_windows(documents, settings(sampling="one-a-document"))
    assert chosen == one_window_each(documents, 32, 8, 0)
    assert chosen != cell_windows(documents, settings())


def test_the_fingerprint_is_that_of_the_tokens_read():
    documents = texts(80, 80)
    fingerprints = {select(documents, encode, settings(seed=seed)).fingerprint for seed in range(5)}
    assert len(fingerprints) > 1
    assert select(documents, encode, settings()).fingerprint == select(documents, encode, settings(batch=3)).fingerprint


def test_defaults_leave_no_trace_in_the_address_of_a_cell(langgeo, own_run):
    for words in ((), ("calibration.unit=tokens", "calibration.sampling=rounds")):
        assert "8 in the store" in langgeo("plan", own_run.config, *words).out
    for words in (("calibration.unit=characters",), ("calibration.sampling=one-a-document",)):
        assert "8 to calibrate" in langgeo("plan", own_run.config, *words).out


def test_a_cell_records_the_text_and_the_tokens_it_was_made_from(own_run):
    records = [json.loads(file.read_text(encoding="utf-8")) for file in own_run.cache.glob("cells/**/*.json")]
    assert len({record["text"] for record in records}) == len({record["windows"] for record in records}) == 8
    german = next(record for record in records if record["language"] == "deu")
    text = Path(german["source"]).read_text(encoding="utf-8").strip()
    assert german["text"] == Text("deu", (text,), "").fingerprint


@pytest.mark.parametrize("changed", [("unit=characters", "tokens=300", "window=100"), ("sampling=one-a-document",)])
def test_a_run_goes_through_with_another_unit_or_sampling(langgeo, own_run, tmp_path, changed):
    words = [f"calibration.{change}" for change in changed]
    done = langgeo("run", own_run.config, "--out", tmp_path / "other", "languages=[deu, eng, fra]", *words)
    if changed[0].startswith("sampling"):
        assert (done.code, "one a document, fewer than the 128" in done.err) == (2, True)
    else:
        assert done.code == 0, done.err
        assert (tmp_path / "other" / "distances.csv").is_file()
