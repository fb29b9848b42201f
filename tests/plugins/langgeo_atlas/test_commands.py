"""`langgeo distance`, `nearest`, `map`, `compare` and `atlas`."""

from __future__ import annotations

import csv
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event
from time import sleep

import numpy as np
import pytest
from scipy.stats import spearmanr
from tiny_run import Finished, Langgeo

import langgeo_core as lg
from langgeo_atlas import pages
from langgeo_atlas.commands import _unrelated
from langgeo_core.api import DistanceMatrix, UserError, write_distances, write_text


def test_the_distance_of_two_languages_from_the_package(langgeo: Langgeo) -> None:
    done = langgeo("distance", "German", "nl")
    space = lg.space("best")
    assert done.code == 0
    first, nearer, one, other, source = done.out.splitlines()
    assert first.startswith(f"German (deu) to Dutch (nld): {space.distance('deu', 'nld'):.4g}, 95 % interval ")
    assert nearer.startswith("nearer than ")
    assert one == "Dutch is number " + one.split()[3] + f" of {len(space) - 1} from German"
    assert other.startswith("German is number ")
    assert source.startswith("space best: ")
    found = json.loads(langgeo("distance", "de", "Dutch", "--space", "letters", "--json").out)
    assert found["distance"] == lg.space("letters").distance("deu", "nld")
    assert found["interval"] is None
    assert [one["name"] for one in found["languages"]] == ["German", "Dutch"]
    assert langgeo("distance", "deu", "deu").out.startswith("German (deu) to German (deu): 0")


def test_the_distance_of_two_languages_from_a_run(langgeo: Langgeo, own_run: Finished) -> None:
    told = langgeo("distance", own_run.folder, "German", "nl")
    assert (told.code, told.out) == (0, langgeo("distance", "German", "nl", "--space", own_run.folder).out)
    distance = lg.load_run(own_run.folder).distance("deu", "nld")
    assert told.out.startswith(f"German (deu) to Dutch (nld): {distance:.4g}; no interval, ")


def test_where_there_is_no_interval_it_is_said_why(langgeo: Langgeo, own_run: Finished, tmp_path: Path) -> None:
    takes = "no interval, which takes three or more replicates of every text: reliability.replicates=4\n"
    assert langgeo("distance", own_run.folder, "deu", "nld").out.splitlines(True)[0].endswith(f"; {takes}")
    assert takes in langgeo("nearest", own_run.folder, "deu").err
    assert "no interval" not in langgeo("distance", own_run.folder, "deu", "deu").out
    none = "no interval, since the space has no replicates of texts"
    assert langgeo("distance", "deu", "nld", "--space", "letters").out.splitlines()[0].endswith(f"; {none}")
    assert none in langgeo("distance", own_run.folder / "distances.csv", "deu", "nld").out
    assert "no interval" not in langgeo("nearest", "deu").err

    measured = tmp_path / "measured"
    words = ["languages=[deu, nld]", "exporters=[]", "clusterers=[]", "evaluators=[]", "baselines=[]"]
    assert langgeo("run", own_run.config, *words, "reliability.replicates=4", "--out", measured).code == 0
    assert "95 % interval" in langgeo("distance", measured, "deu", "nld").out
    coarse = tmp_path / "coarse"
    assert langgeo("run", own_run.config, *words, "calibration.window=64", "--out", coarse).code == 0
    told = langgeo("distance", coarse, "deu", "nld").out.splitlines()[0]
    assert told.endswith("reliability.replicates=4 calibration.window=32")


def test_distances_lost_in_noise_are_no_answers(langgeo: Langgeo, own_run: Finished, tmp_path: Path) -> None:
    noisy = tmp_path / "noisy"
    words = ["exporters=[]", "clusterers=[]", "evaluators=[]", "baselines=[]", "reliability.replicates=4"]
    assert langgeo("run", own_run.config, *words, "calibration.window=16", "--out", noisy).code == 0
    (share,) = [float(row["value"]) for row in lg.load_run(noisy).rows if row["metric"] == "below_floor"]
    said = f" {share:.0%} of the pairs are not significantly farther apart than replicates of one text"
    for command in (["distance", noisy, "deu", "nld"], ["nearest", noisy, "deu"]):
        done = langgeo(*command)
        assert (said in done.out + done.err) is (share >= 0.5)
    assert share >= 0.5
    (note, *_) = lg.compare(noisy, "letters").notes
    assert note == f"noisy:{said}: these distances are no evidence."


@pytest.mark.parametrize(
    ("near", "others", "told"),
    [
        (["branch X", "no", "no"], ["branch X"], ""),
        (["branch X", "no", "no"], ["branch X"] * 3, "though 3 languages of the space are"),
        (["no", "no", "no"], ["family Y"], "though 1 language of the space is"),
        (["no", "no", "no"], [], "has no relative in this space"),
    ],
)
def test_a_hint_of_unread_languages_counts_the_relatives_that_there_are(
    near: list[str], others: list[str], told: str
) -> None:
    found = _unrelated(lg.space("best"), "Zulu", near, [*others, "no", "no", "no"])
    assert told in found and bool(told) is bool(found)


def test_the_nearest_from_a_run_or_a_package(langgeo: Langgeo, own_run: Finished) -> None:
    space = lg.load_run(own_run.folder)
    lines = langgeo("nearest", own_run.folder, "German", "-k", "3").out.splitlines()[1:]
    assert [line.split()[0] for line in lines] == [identifier for identifier, _ in space.nearest("deu", 3)]
    packaged = langgeo("nearest", "German", "-k", "2")
    expected = [one for one, _ in lg.space("best").nearest("deu", 2)]
    assert [line.split()[0] for line in packaged.out.splitlines()[1:]] == expected
    assert " to " in packaged.out, "an interval"
    assert "space best: " in packaged.err
    found = json.loads(langgeo("nearest", "German", "--json").out)
    assert [one["language"] for one in found["nearest"]] == [one for one, _ in lg.space().nearest("deu")]
    assert all(one["low"] < one["distance"] < one["high"] for one in found["nearest"])


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["distance", "Germanic", "deu"], "'Germanic' is a group, not one language"),
        (["nearest", "slavic"], "its languages here: `bel` (Belarusian), "),
        (["nearest", "Nahuatl"], "did you mean `nhn` (Tlaxcala-Puebla-Central Nahuatl)?"),
        (["nearest", "Norwegian", "Bokmål"], "a name of several words takes quotes: 'Norwegian Bokmål'"),
        (["distance", "Germn", "deu"], "did you mean `deu` (German)?"),
        (["distance", "deu", "nld", "--space", "bset"], "there is no space 'bset'"),
        (["nearest", "nowhere", "deu"], "there is no space 'nowhere'"),
        (["nearest", "a", "b", "c"], "one language, and before it a run"),
        (["distance", "deu"], "two languages, and before them a run: got deu"),
        (["distance", "a", "b", "c", "d"], "two languages, and before them a run"),
        (["distance", "nowhere", "deu", "nld"], "there is no space 'nowhere'"),
        (["compare", "best", "nowhere"], "a run folder, a file of distances, or one of best, paper"),
        (["map", "nowhere", "--no-open"], "there is no space 'nowhere'"),
    ],
)
def test_mistakes(langgeo: Langgeo, words: list[str], told: str) -> None:
    done = langgeo(*words)
    assert (done.code, told in done.err, "Traceback" in done.err) == (2, True, False)


def test_a_language_that_a_space_lacks_is_told_its_relatives(langgeo: Langgeo, own_run: Finished) -> None:
    done = langgeo("nearest", own_run.folder, "Afrikaans")
    assert done.code == 2
    assert "Afrikaans (afr) is not in this space" in done.err
    assert "it has these relatives: " in done.err and "nld" in done.err


def test_what_is_packaged_is_listed_with_its_licences(langgeo: Langgeo) -> None:
    done = langgeo("atlas")
    assert [line.split()[0] for line in done.out.splitlines()[1:6]] == [*lg.spaces()]
    assert "gemma-3-270m (Gemma Terms of Use" in done.out
    listed = json.loads(langgeo("atlas", "--json").out)
    assert [one["name"] for one in listed["spaces"]] == [*lg.spaces()]
    assert listed["runs"]["best"]["versions"]["torch"]


def test_two_spaces_are_compared(langgeo: Langgeo, own_run: Finished, tmp_path: Path) -> None:
    first = lg.load_run(own_run.folder)
    second = lg.space("letters").subset(first.ids)
    out = tmp_path / "out"
    done = langgeo("-q", "compare", own_run.folder, "letters", "--out", out)
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("run against letters: 8 languages of both\n")
    assert "branch  map" in done.out and f"report: {out / 'run' / 'report.html'}" in done.out
    assert (out / "run" / "report.html").is_file()
    upper = np.triu_indices(8, 1)
    expected = spearmanr(np.asarray(first)[upper], np.asarray(second)[upper]).statistic
    found = json.loads(langgeo("-q", "compare", own_run.folder, "letters", "--out", out, "--json").out)
    assert found["spearman"] == pytest.approx(expected, abs=1e-12)
    assert found["p"] <= 1
    with (out / "pairs.csv").open(encoding="utf-8", newline="") as file:
        pairs = list(csv.DictReader(file))
    moved = [abs(float(pair["first"]) - float(pair["second"])) for pair in pairs]
    assert len(pairs) == 28 and moved == sorted(moved, reverse=True)
    with (out / "languages.csv").open(encoding="utf-8", newline="") as file:
        alike = {row["language"]: float(row["spearman"]) for row in csv.DictReader(file)}
    for place, language in enumerate(first.ids):
        both = (np.delete(np.asarray(one)[place], place) for one in (first, second))
        assert alike[language] == pytest.approx(spearmanr(*both).statistic, abs=1e-12)


def test_a_space_against_itself_is_the_same(own_run: Finished) -> None:
    found = lg.compare(lg.load_run(own_run.folder), own_run.folder / "distances.csv")
    assert (found.pearson, found.spearman) == (pytest.approx(1), pytest.approx(1))
    assert found.p == pytest.approx(0.001)
    assert {figure.difference for figure in found.figures} == {0.0}
    assert all(pair.first == pair.second for pair in found.pairs)
    assert found.equal
    assert found.report == ""
    assert len(found.to_frame()) == len(found.figures) > 0


def test_what_did_not_move_is_said(own_run: Finished, langgeo: Langgeo, tmp_path: Path) -> None:
    space = lg.load_run(own_run.folder)
    same, larger, changed = (tmp_path / f"{name}.csv" for name in ("same", "larger", "changed"))
    space.to_frame().to_csv(same)
    (space.to_frame() * 2).to_csv(larger)
    frame = space.to_frame()
    frame.iloc[0, 1] = frame.iloc[1, 0] = 2 * frame.to_numpy().max()
    frame.to_csv(changed)

    def printed(file: Path) -> str:
        return langgeo("-q", "compare", own_run.folder, file, "--out", tmp_path / f"out-{file.stem}").out

    out = printed(same)
    assert "the distances are equal: no pair of languages moved" in out and "moved most" not in out
    out = printed(larger)
    assert "no pair of languages moved: both have the pairs in the same order" in out and "are equal" not in out
    out = printed(changed)
    assert "pairs that moved most" in out and "German   English" in out


def test_the_page_of_a_space_is_made_once(
    langgeo: Langgeo, own_run: Finished, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    monkeypatch.setattr("click.launch", opened.append)
    first = langgeo("map", own_run.folder, "--no-open")
    (page,) = cache.rglob("report.html")
    assert (first.code, first.out, opened) == (0, f"page: {page}\n", [])
    assert f"drawing the page of {own_run.folder}, 8 languages" in first.err
    assert "<h1>tiny</h1>" in page.read_text(encoding="utf-8")
    written = page.stat().st_mtime_ns
    assert langgeo("map", own_run.folder).code == 0
    assert (opened, page.stat().st_mtime_ns) == ([str(page)], written)


def test_the_page_of_a_run_is_made_again_when_the_run_is(langgeo: Langgeo, own_run: Finished, cache: Path) -> None:
    assert langgeo("map", own_run.folder, "--no-open").code == 0
    words = ("run", own_run.config, "embedder.transform=sqrt", "--from", "embed", "--out", own_run.folder)
    assert langgeo(*words).code == 0
    assert langgeo("map", own_run.folder, "--no-open").code == 0
    assert len([*(cache / "pages").iterdir()]) == 2


def test_a_file_of_distances_has_its_figures_measured(
    langgeo: Langgeo, own_run: Finished, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import langgeo_atlas.pages as pages

    quick = {"clusterers": [], "baselines": [], "evaluators": [{"name": "glottolog", "permutations": 9}]}
    whole = pages.evaluate
    monkeypatch.setattr(pages, "evaluate", lambda space, out, **choices: whole(space, out, **choices, **quick))
    done = langgeo("map", own_run.folder / "distances.csv", "--no-open")
    assert done.code == 0
    assert "measuring the figures of distances: 8 languages" in done.err
    (page,) = (cache / "pages").rglob("report.html")
    assert "<h1>distances</h1>" in page.read_text(encoding="utf-8")


def test_the_page_of_a_packaged_space_has_the_figures_of_the_package(langgeo: Langgeo, cache: Path) -> None:
    done = langgeo("map", "paper", "--no-open")
    assert done.code == 0
    assert done.err.splitlines() == ["placing the 270 languages of paper", "drawing the page"]
    (page,) = (cache / "pages").rglob("report.html")
    text = page.read_text(encoding="utf-8")
    assert "<h1>paper</h1>" in text
    assert "worse over all languages (letters, −0.22" in text
    assert "The same was done to the baselines letters (char-ngrams" in text


def test_the_page_of_a_packaged_space_is_made_again_when_what_it_says_of_itself_is(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import langgeo_atlas.packaged as packaged
    import langgeo_atlas.pages as pages

    monkeypatch.setattr(pages, "_of_space", lambda *made: None)
    before = pages.page_of("paper", print)
    assert pages.page_of("paper", print) == before
    monkeypatch.setitem(packaged.DESCRIPTIONS, "paper", "Something else.")
    assert pages.page_of("paper", print) != before


def test_the_figures_of_the_package_are_of_its_distances() -> None:
    from langgeo_atlas.packaged import read_data, record
    from langgeo_atlas.pages import BESIDE, FIGURES, figures

    assert read_data(FIGURES)["arrays"] == record()["arrays"]
    assert list(figures()) == list(lg.spaces())
    for name, tables in figures().items():
        own = {(row["level"], row["metric"]): row for row in tables["metrics.csv"] if row["source"] == "run"}
        for row in lg.space(name).rows:
            if row["evaluator"] == "glottolog":
                assert float(own[row["level"], row["metric"]]["value"]) == pytest.approx(float(row["value"]), abs=0.01)
        assert {row["baseline"] for row in tables["comparisons.csv"]} == BESIDE.keys() - {name}


def test_compare_replaces_comparisons_alone(own_run: Finished, tmp_path: Path) -> None:
    before = sorted(own_run.folder.parent.rglob("*"))
    with pytest.raises(UserError, match="is not empty and holds no comparison"):
        lg.compare(own_run.folder, "geography", out=own_run.folder.parent)
    assert sorted(own_run.folder.parent.rglob("*")) == before
    folder = tmp_path / "o'clock {1}: #2"
    for _ in range(2):
        assert lg.compare(own_run.folder, "geography", out=folder).figures
    assert (folder / "run" / "report.html").is_file()


def test_a_pair_that_the_matrix_lacks_has_no_distance(langgeo: Langgeo, tmp_path: Path) -> None:
    space = lg.space("geography").subset(["deu", "nld", "fin", "tur"])
    values = space.distances.values.copy()
    values[0, 1] = values[1, 0] = np.nan
    write_distances(tmp_path / "gap.csv", DistanceMatrix(space.ids, values))
    found = langgeo("distance", tmp_path / "gap.csv", space.ids[0], space.ids[1])
    assert "no distance, the matrix lacks this pair" in found.out
    assert "nan" not in found.out and "None" not in found.out and "nearer than" not in found.out
    answer = json.loads(langgeo("distance", tmp_path / "gap.csv", *space.ids[:2], "--json").out)
    assert (answer["distance"], answer["nearer_than"], {*answer["ranks"].values()}) == (None, None, {None})


def test_two_at_once_make_one_page(cache: Path, own_run: Finished, monkeypatch: pytest.MonkeyPatch) -> None:
    made, begun = [], Event()

    def slowly(run: object, file: Path, say: object) -> None:
        begun.set()
        sleep(0.3)
        write_text(file, "page")
        made.append(file)

    monkeypatch.setattr(pages, "_of_run", slowly)
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(pages.page_of, str(own_run.folder), print)
        begun.wait()
        second = pool.submit(pages.page_of, str(own_run.folder), print)
        assert first.result() == second.result()
    assert len(made) == 1


def test_languages_that_are_equally_near_have_one_rank(langgeo: Langgeo, tmp_path: Path) -> None:
    ids = ("deu", "nld", "fin", "tur", "swe")
    write_distances(tmp_path / "tied.csv", DistanceMatrix(ids, np.ones((5, 5)) - np.eye(5)))
    for other in ids[1:]:
        answer = json.loads(langgeo("distance", tmp_path / "tied.csv", "deu", other, "--json").out)
        assert {*answer["ranks"].values()} == {1}
    refused = langgeo("compare", tmp_path / "tied.csv", "geography", "--out", tmp_path / "out")
    assert refused.code == 2 and "all distances of tied are equal" in refused.err
