"""Baselines of a run: their files, their figures beside the run's, and what they cannot do."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tiny_run import LANGUAGES, Finished, Langgeo

from langgeo_core.api import Run
from langgeo_core.storage.schema import read_distances

TWO = "baselines=[char-ngrams, {name: glottolog-tree, as: tree}]"


def again(run: Finished, langgeo: Langgeo, *words: str, start: str = "evaluate") -> Any:
    return langgeo("run", run.config, "exporters=[]", *words, "--from", start, "--out", run.folder)


def incidents(folder: Path) -> list[str]:
    record = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    return [incident["message"] for incident in record["incidents"]]


def questions(folder: Path, source: str) -> list[tuple[str, ...]]:
    return [metric.question for metric in Run(folder).metrics if metric.source == source]


def misplace(monkeypatch: pytest.MonkeyPatch, *lost: str) -> None:
    from langgeo_baselines import facts

    places = facts.places

    def without(languages: Any) -> Any:
        found = places(languages)
        found[[language.id in lost for language in languages]] = np.nan
        return found

    monkeypatch.setattr(facts, "places", without)


def test_a_run_has_a_text_baseline_without_being_asked(whole_run: Finished) -> None:
    matrix = read_distances(whole_run.folder / "baselines" / "char-ngrams.csv")
    assert matrix.ids == LANGUAGES and matrix.complete
    assert questions(whole_run.folder, "char-ngrams") == questions(whole_run.folder, "run") != []


def test_every_baseline_answers_what_the_run_answers(own_run: Finished, langgeo: Langgeo) -> None:
    before = (own_run.folder / "metrics.csv").read_text(encoding="utf-8").splitlines()
    assert again(own_run, langgeo, TWO).code == 0
    assert {file.name for file in (own_run.folder / "baselines").iterdir()} == {"char-ngrams.csv", "tree.csv"}
    assert questions(own_run.folder, "tree") == questions(own_run.folder, "run")
    assert (own_run.folder / "metrics.csv").read_text(encoding="utf-8").splitlines()[: len(before)] == before
    components = json.loads((own_run.folder / "run.json").read_text(encoding="utf-8"))["components"]["baselines"]
    assert [(one["name"], one["role"]) for one in components] == [("char-ngrams", "rival"), ("tree", "ceiling")]


def test_the_run_itself_is_the_same_with_and_without(own_run: Finished, langgeo: Langgeo) -> None:
    def own_rows() -> list[dict[str, str]]:
        with (own_run.folder / "metrics.csv").open(encoding="utf-8", newline="") as file:
            return [row for row in csv.DictReader(file) if row["source"] == "run"]

    before = own_rows()
    assert again(own_run, langgeo, "baselines=[]").code == 0
    assert own_rows() == before != []


def test_an_empty_list_is_none_and_what_is_no_longer_chosen_is_removed(own_run: Finished, langgeo: Langgeo) -> None:
    assert (own_run.folder / "baselines" / "char-ngrams.csv").is_file()
    assert again(own_run, langgeo, "baselines=[]").code == 0
    assert {metric.source for metric in Run(own_run.folder).metrics} == {"run"}
    assert list((own_run.folder / "baselines").iterdir()) == []


def headlines(out: str) -> list[str]:
    """The lines of headline figures, with what was wrapped put together again."""
    return [line for line in out.replace("\n    ", " ").splitlines() if line.startswith("  branch ")]


def test_figures_are_printed_beside_the_runs(own_run: Finished, langgeo: Langgeo) -> None:
    lines = headlines(again(own_run, langgeo, TWO).out)
    assert lines
    assert [line for line in lines if "; char-ngrams " not in line or "; tree, a ceiling " not in line] == []


def test_the_strongest_text_baseline_of_each_figure_is_named(own_run: Finished, langgeo: Langgeo) -> None:
    two = (
        "baselines=[char-ngrams, {name: char-ngrams, as: trigrams, n: 3, distance: hellinger, centre: true}, geography]"
    )
    lines = headlines(again(own_run, langgeo, two).out)
    assert lines
    for line in lines:
        others = [re.sub(r" \(by chance .*\)", "", words).split() for words in line.split("; ")[1:]]
        values = {words[0].strip(","): float(words[-1]) for words in others}
        highest = max(("char-ngrams", "trigrams"), key=values.__getitem__)
        assert f"; {highest}, the strongest text baseline, {values[highest]:.3f}" in line
        assert line.count("strongest") == 1 and "; geography " in line


def test_a_language_that_a_baseline_cannot_place_is_left_out_of_it_alone(
    own_run: Finished, langgeo: Langgeo, monkeypatch: pytest.MonkeyPatch
) -> None:
    misplace(monkeypatch, "fra")
    assert again(own_run, langgeo, "baselines=[geography]").code == 0
    assert incidents(own_run.folder) == ["the baseline geography cannot place fra; its figures leave them out"]
    written = read_distances(own_run.folder / "baselines" / "geography.csv")
    assert written.ids == LANGUAGES and np.isnan(written.values[2]).sum() == len(LANGUAGES) - 1
    counts = {(m.source, m.n) for m in Run(own_run.folder).metrics if m.metric == "purity"}
    assert counts == {("run", 8), ("geography", 7)}


def test_a_baseline_that_places_too_few_has_no_figures_and_says_why(
    own_run: Finished, langgeo: Langgeo, monkeypatch: pytest.MonkeyPatch
) -> None:
    misplace(monkeypatch, *LANGUAGES[1:])
    assert again(own_run, langgeo, "baselines=[geography]").code == 0
    assert questions(own_run.folder, "geography") == []
    assert incidents(own_run.folder)[1].startswith("the baseline geography has no figures: it places 1 languages")


def test_more_clusters_than_a_baseline_places(
    own_run: Finished, langgeo: Langgeo, monkeypatch: pytest.MonkeyPatch
) -> None:
    misplace(monkeypatch, "fra")
    done = again(own_run, langgeo, "baselines=[geography]", "clusterers.kmeans.k=8", start="cluster")
    assert done.code == 0
    assert "it places 7 languages, and the clusterers of this run need 8" in incidents(own_run.folder)[1]


def test_a_baseline_of_other_languages_is_a_fault_of_its_plugin(
    own_run: Finished, langgeo: Langgeo, monkeypatch: pytest.MonkeyPatch
) -> None:
    from langgeo_baselines.facts import Geography

    whole = Geography.distances
    monkeypatch.setattr(Geography, "distances", lambda self, context: whole(self, context).subset(LANGUAGES[1:]))
    refused = again(own_run, langgeo, "baselines=[geography]")
    assert refused.code == 1
    assert "geography returned distances of other languages than it was asked for" in refused.err


def test_other_baselines_need_evaluation_alone(own_run: Finished, langgeo: Langgeo) -> None:
    refused = again(own_run, langgeo, "baselines=[byte-ngrams]", start="report")
    assert refused.code == 2 and "use --from evaluate" in refused.err
