"""`run`, `validate`, `plan`, `report` and `cache` on good input."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tiny_run import LANGUAGES, Finished, Langgeo

from langgeo_core.api import Run


def test_run_says_what_came_out_and_where(own_run: Finished, langgeo: Langgeo, tmp_path: Path) -> None:
    done = langgeo("run", own_run.config, "--out", tmp_path / "again")
    assert done.code == 0
    first, *between, last = done.out.splitlines()
    assert first == "done: 8 languages, 0 cells calibrated, 8 reused, no incidents"
    assert last == f"run folder: {tmp_path / 'again'}"
    metrics = [one for one in Run(tmp_path / "again").metrics if one.source == "run" and one.p is not None]
    headline = [f"{one.level} {one.metric}" for one in metrics if one.metric in ("map", "map-within-script", "nn1")]
    figures = [line.strip().split(":")[0] for line in between[between.index("") + 1 :] if line[:4].strip()]
    assert figures == [name for name in headline if "family" not in name]
    assert between[0].startswith("No signal: ")
    assert {"family map", "branch map", "branch nn1"} <= set(headline)


def test_run_names_the_report_where_there_is_one(own_run: Finished, langgeo: Langgeo) -> None:
    written = own_run.folder / "config.yaml"
    done = langgeo("run", written, "--from", "report", "--out", own_run.folder)
    assert done.out.splitlines()[-1] == f"report: {own_run.folder / 'report.html'}"


def test_the_run_folder_is_named_after_the_config(
    own_run: Finished, langgeo: Langgeo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert langgeo("run", own_run.config, "name=first-look").code == 0
    assert (tmp_path / "runs" / "first-look" / "distances.csv").is_file()


def test_progress_goes_to_stderr_unless_quiet(langgeo: Langgeo, tiny_config: Path, tmp_path: Path) -> None:
    loud = langgeo("run", tiny_config, "--out", tmp_path / "run")
    assert "calibrate huggingface" in loud.err
    assert "8/8" in loud.err
    assert "calibrate" not in loud.out.replace("cells calibrated", "")
    quiet = langgeo("-q", "run", tiny_config, "--out", tmp_path / "run")
    assert quiet.err == ""


def test_the_text_option_replaces_corpora_and_languages(
    own_run: Finished, langgeo: Langgeo, text_folder: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "two"
    folder.mkdir()
    for language in ("deu", "swe"):
        (folder / f"{language}.txt").write_bytes((text_folder / f"{language}.txt").read_bytes())
    planned = json.loads(langgeo("plan", own_run.config, "--text", folder, "--json").out)
    assert planned["languages"] == ["deu", "swe"]


def test_a_registry_of_ones_own(langgeo: Langgeo, tiny_config: Path, tiny_model: Path, tmp_path: Path) -> None:
    own = tmp_path / "own.yaml"
    entry = f"{{component: huggingface, options: {{path: {tiny_model}}}}}"
    own.write_text(f"models: {{mine: {entry}}}\nlanguage_sets: {{germanic: [deu, swe]}}\n")
    words = ["plan", tiny_config, "models=[mine]", "languages=[germanic]", "--json"]
    planned = langgeo("--registry", own, *words)
    assert planned.code == 0
    assert {cell["model"] for cell in json.loads(planned.out)["cells"]} == {"mine"}
    assert json.loads(planned.out)["languages"] == ["deu", "swe"]
    assert langgeo(*words).code == 2


def test_validate_says_that_nothing_is_wrong(langgeo: Langgeo, tiny_config: Path) -> None:
    fine = langgeo("validate", tiny_config)
    assert (fine.code, fine.err) == (0, "")
    assert fine.out == "tiny: no problems; 8 languages, 8 cells\n"


def test_plan_shows_the_state_of_every_cell(own_run: Finished, langgeo: Langgeo) -> None:
    assert langgeo("plan", own_run.config).out.splitlines() == [
        "tiny: 8 languages, 8 cells",
        "  huggingface x text-folder: 8 in the store",
    ]
    changed = langgeo("plan", own_run.config, "calibration.tokens=64")
    assert "  huggingface x text-folder: 8 to calibrate" in changed.out.splitlines()


def test_plan_as_json(own_run: Finished, langgeo: Langgeo) -> None:
    planned = json.loads(langgeo("plan", own_run.config, "--json").out)
    assert planned["languages"] == list(LANGUAGES)
    assert planned["cells"][0] == {
        "model": "huggingface",
        "corpus": "text-folder",
        "language": "deu",
        "state": "in the store",
    }


def test_plan_writes_nothing(langgeo: Langgeo, tiny_config: Path, cache: Path) -> None:
    assert langgeo("plan", tiny_config).code == 0
    assert not cache.exists()


@pytest.mark.parametrize(
    "change",
    ["scorer.diagonal=cholesky", "quantizer.scope=global", "calibration.batch=2", "seed=5", "embedder.transform=sqrt"],
)
def test_what_does_not_touch_the_statistics_needs_no_new_cells(
    own_run: Finished, langgeo: Langgeo, change: str
) -> None:
    assert "8 in the store" in langgeo("plan", own_run.config, change).out


@pytest.mark.parametrize(
    "change", ["tokens=64", "window=16", "seed=1", "bos=false", "dtype=float64", "damping=0.1", "short=use"]
)
def test_what_does_needs_them(own_run: Finished, langgeo: Langgeo, change: str) -> None:
    assert "8 to calibrate" in langgeo("plan", own_run.config, f"calibration.{change}").out


def test_report_writes_the_reports_again(own_run: Finished, langgeo: Langgeo) -> None:
    (own_run.folder / "mst.csv").unlink()
    (own_run.folder / "report.html").unlink()
    written = langgeo("report", own_run.folder)
    assert written.code == 0
    assert {str(own_run.folder / name) for name in ("mst.csv", "report.html")} <= set(written.out.splitlines())
    assert (own_run.folder / "mst.csv").is_file()
    assert (own_run.folder / "report.html").is_file()


def test_report_of_what_is_no_run(langgeo: Langgeo, tmp_path: Path) -> None:
    refused = langgeo("report", tmp_path)
    assert refused.code == 2
    assert f"{tmp_path} is not a run folder: it has no config.yaml" in refused.err


def test_report_of_a_run_that_did_not_get_far(own_run: Finished, langgeo: Langgeo) -> None:
    (own_run.folder / "distances.csv").unlink()
    refused = langgeo("report", own_run.folder)
    assert refused.code == 2
    assert f"{own_run.folder} has no distances.csv" in refused.err


def test_cache_where_is_the_folder(langgeo: Langgeo, cache: Path) -> None:
    assert langgeo("cache", "where").out == f"{cache}\n"


def test_cache_of_nothing_is_empty(langgeo: Langgeo) -> None:
    assert json.loads(langgeo("cache", "list", "--json").out) == []
    assert langgeo("cache", "list").code == 0


def test_cache_list_counts_files_and_prune_deletes_them(own_run: Finished, langgeo: Langgeo) -> None:
    listed = {entry["part"]: entry for entry in json.loads(langgeo("cache", "list", "--json").out)}
    assert (listed["cells"]["files"], listed["layouts"]["files"]) == (16, 1)
    assert listed["cells"]["bytes"] > 1000
    assert langgeo("cache", "list").out.splitlines()[1].split()[:2] == ["cells", "16"]
    pruned = langgeo("cache", "prune", "cells", "--yes")
    assert (pruned.code, pruned.out) == (0, "cells: 16 files deleted\n")
    assert not (own_run.cache / "cells").exists()
    assert (own_run.cache / "layouts").exists()


@pytest.mark.parametrize(("answer", "left"), [("n", True), ("y", False)])
def test_cache_prune_asks_first(
    own_run: Finished, langgeo: Langgeo, monkeypatch: pytest.MonkeyPatch, answer: str, left: bool
) -> None:
    asked: list[str] = []
    monkeypatch.setattr("click.confirm", lambda question: asked.append(question) or answer == "y")
    assert langgeo("cache", "prune", "cells").code == 0
    assert len(asked) == 1
    assert (own_run.cache / "cells").exists() is left
