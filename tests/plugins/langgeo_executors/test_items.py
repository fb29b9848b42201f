"""Work items: the same numbers as in one process, every cell once, and refusals that say what to do."""

from __future__ import annotations

import json
import shutil
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from safetensors.numpy import load_file
from tiny_run import Finished, Langgeo, incidents, made_up_text, record_of, statistics_files, two_corpora

from langgeo_core.api import (
    LanggeoError,
    Plan,
    RunWindows,
    Store,
    UserError,
    calibrate,
    config_of,
    make_plan,
    write_record,
)
from langgeo_core.pipeline.stages import distances
from langgeo_executors.api import Here, Pool, Workers, hand_out
from langgeo_executors.items import Item, items
from langgeo_executors.worker import fill
from langgeo_executors.workers import TRIES
from langgeo_forecast.api import guessed_seconds, share, texts_of

RESULTS = ("distances.csv", "metrics.csv", "clusters.csv", "kept.csv", "comparisons.csv")


@pytest.fixture
def plan(tiny_config: Path, cache: Path) -> Plan:
    return make_plan(config_of({"registry": None}, str(tiny_config), ()))


@pytest.fixture
def store(cache: Path) -> Store:
    return Store(cache)


@pytest.fixture
def item(plan: Plan, store: Store) -> Item:
    return next(items(plan, store, plan.cells, 3))


class Threads(Workers):
    """Two threads, which do something instead of some items."""

    def __init__(self, instead: Callable[[str], str] = fill, texts: int = 3) -> None:
        self.texts, self._instead = texts, instead

    @contextmanager
    def open(self, folder: Path) -> Iterator[Pool]:
        with ThreadPoolExecutor(1) as threads:
            yield _Instead(threads, self._instead)


class _Instead:
    def __init__(self, threads: ThreadPoolExecutor, instead: Callable[[str], str]) -> None:
        self._threads, self._instead = threads, instead

    def submit(self, function: Callable[[str], str], item: str, /) -> Future[str]:
        assert function is fill
        return self._threads.submit(self._instead, item)


def spread(plan: Plan, store: Store, workers: Workers) -> list[Any]:
    return list(workers.elsewhere(plan, store, store.folder, True)(plan.cells))


def changed(item: Item, **values: Any) -> str:
    return json.dumps({**json.loads(item.text), **values})


def test_items_hold_every_text_once(plan: Plan, store: Store) -> None:
    found = list(items(plan, store, (*plan.cells, *plan.replicates), 3))
    assert [len(item.addresses) for item in found] == [3, 3, 2]
    addresses = {language: key for item in found for language, key in item.addresses.items()}
    assert addresses == {cell.language: cell.key for cell in plan.cells}
    assert all(json.loads(item.text)["addresses"] == dict(item.addresses) for item in found)


def test_what_is_done_at_once_is_told_at_once() -> None:
    told: list[str] = []

    def done(text: str) -> str:
        told.append(text)
        return json.dumps({"by": "me", "did": "it", "incidents": []})

    both = [Item("m", "c", {name: ""}, name) for name in ("deu", "eng")]
    hand_out(Here(), done, both, told.append)
    assert told == ["deu", "c deu, workers: 1", "eng", "c eng, workers: 1"]


@pytest.mark.slow
@pytest.mark.parametrize(
    "executor", ["{name: dask, workers: 2, texts: 4}", "{name: slurm, cluster: local, jobs: 2, texts: 4}"]
)
def test_a_run_by_workers_is_the_run_of_one_process(
    langgeo: Langgeo, whole_run: Finished, tmp_path: Path, cache: Path, executor: str
) -> None:
    pytest.importorskip("distributed" if "dask" in executor else "submitit")
    out = tmp_path / "run"
    outcome = langgeo("-q", "run", whole_run.config, f"executor={executor}", "--out", out)
    assert outcome.code == 0, outcome.err
    for name in RESULTS:
        assert (out / name).read_bytes() == (whole_run.folder / name).read_bytes(), name
    record = record_of(out)
    assert (record["cells_calibrated"], record["cells_reused"]) == (8, 0)
    assert record["components"]["executors"][0]["component"] == executor.split()[1].strip(",")
    assert record["incidents"] == record_of(whole_run.folder)["incidents"]
    assert not (out / "jobs").exists()
    again = langgeo("-q", "run", whole_run.config, "--out", out)  # another executor is no other config
    assert again.code == 0 and record_of(out)["cells_reused"] == 8


def test_with_replicates_and_several_texts_that_are_the_same(
    langgeo: Langgeo, whole_run: Finished, tmp_path: Path, cache: Path
) -> None:
    words = (whole_run.config, "reliability.replicates=2", "calibration.tokens=64")
    assert langgeo("-q", "run", *words, "--out", tmp_path / "one").code == 0
    fewer = len(statistics_files(cache))
    for file in statistics_files(cache):
        file.with_suffix(".json").unlink()
    workers = "executor={name: slurm, cluster: debug, texts: 3}"
    assert langgeo("-q", "run", *words, workers, "--out", tmp_path / "two").code == 0
    assert len(statistics_files(cache)) == fewer == 24
    for name in ("distances.csv", "reliability.csv", "replicates/distances.csv"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_an_item_that_is_lost_twice_is_filled(plan: Plan, store: Store) -> None:
    lost: Counter[str] = Counter()

    def instead(item: str) -> str:
        lost[item] += 1
        if lost[item] < TRIES:
            raise OSError("the worker was killed")
        return fill(item)

    assert spread(plan, store, Threads(instead)) == []
    assert set(lost.values()) == {TRIES}
    assert all(store.find(cell.key) for cell in plan.cells)


def test_an_item_that_always_fails_is_named_and_the_others_are_filled(plan: Plan, store: Store) -> None:
    def instead(item: str) -> str:
        if "deu" in json.loads(item)["addresses"]:
            raise OSError("the worker was killed")
        return fill(item)

    with pytest.raises(
        LanggeoError, match=r"given up after 3 failures each: .*deu eng fra \(OSError: the worker"
    ) as told:
        spread(plan, store, Threads(instead))
    assert told.value.exit_code == 1
    filled = [cell.language for cell in plan.cells if store.find(cell.key)]
    assert filled == ["ita", "nld", "por", "spa", "swe"]


def test_workers_that_write_elsewhere_are_noticed(plan: Plan, store: Store) -> None:
    with pytest.raises(LanggeoError, match="workers did not fill its cell"):
        spread(plan, store, Threads(lambda item: json.dumps({"by": "x", "incidents": [], "did": "nothing"})))


def test_what_is_left_is_cancelled_when_a_worker_refuses(plan: Plan, store: Store) -> None:
    begun, go = [], threading.Event()

    def instead(item: str) -> str:
        begun.append(item)
        go.wait(0.2)
        return fill(changed(Item("", "", {}, item), versions={"langgeo": "0.0.0"}))

    with pytest.raises(UserError, match=r"it has langgeo .*, and the run 0\.0\.0"):
        spread(plan, store, Threads(instead, texts=1))
    assert len(begun) < 8


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"versions": {"langgeo": "99"}}, "it has langgeo .*, and the run 99"),
        ({"versions": {"no-such-package": "1"}}, "it has no no-such-package, and the run 1"),
        ({"weights": "0" * 64}, "its weights of .* are not those of the run"),
        ({"addresses": {"deu": "1", "eng": "2", "fra": "3"}}, "its texts of deu, eng, fra in text-folder are not"),
        ({"store": ["/nowhere", "1"]}, "it does not see the store of the run, /nowhere"),
    ],
)
def test_a_worker_that_differs_from_the_run_refuses(
    item: Item, store: Store, values: dict[str, Any], message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LANGGEO_CACHE", str(store.folder))
    answer = json.loads(fill(changed(item, **values)))
    assert answer["code"] == UserError.exit_code and answer["hint"]
    with pytest.raises(UserError, match=message):
        raise UserError(answer["refused"])
    assert not statistics_files(store.folder)


def test_another_store_under_the_same_path_is_refused(item: Item, store: Store) -> None:
    write_record(store.folder / "store.json", {"store": "another"})
    assert "it does not see the store" in json.loads(fill(item.text))["refused"]


def test_an_item_is_filled_again_without_work(item: Item, store: Store) -> None:
    first = json.loads(fill(item.text))
    before = {file: file.stat().st_mtime_ns for file in statistics_files(store.folder)}
    again = json.loads(fill(item.text))
    assert first["incidents"] == again["incidents"] == []
    assert (first["did"], again["did"]) == ("calibrated 3 cells", "calibrated 0 cells")
    assert {file: file.stat().st_mtime_ns for file in statistics_files(store.folder)} == before
    assert len(before) == 3


def test_shares_are_whole_and_about_equal(tiny_config: Path) -> None:
    texts = texts_of(config_of({"registry": None}, str(tiny_config), ()))
    assert len(texts) == 8
    for count in (1, 3, 8, 11):
        shares = [share(texts, number, count) for number in range(1, count + 1)]
        assert [text for one in shares for text in one] == texts
        assert max(map(len, shares)) - min(map(len, shares)) <= 1


def test_shares_fill_what_a_run_then_finds(langgeo: Langgeo, whole_run: Finished, tmp_path: Path, cache: Path) -> None:
    shown = langgeo("plan", whole_run.config, "--shards", "3", "--json")
    assert [one["texts"] for one in json.loads(shown.out)] == [2, 3, 3]
    state = json.loads(langgeo("status", whole_run.config, "--json").out)
    assert (state["cells"], state["filled"], state["tokens_a_second"]) == (8, 0, None)
    for number, told in ((1, "2 calibrated"), (3, "3 calibrated"), (1, "2 reused"), (2, "3 calibrated")):
        outcome = langgeo("-q", "calibrate", whole_run.config, "--shard", f"{number}/3")
        assert (outcome.code, outcome.out) == (0, f"share {number}/3: {told}\n")
    out = tmp_path / "run"
    assert langgeo("-q", "run", whole_run.config, "--out", out).code == 0
    assert (out / "distances.csv").read_bytes() == (whole_run.folder / "distances.csv").read_bytes()
    assert record_of(out)["cells_reused"] == 8
    state = json.loads(langgeo("status", out, "--json").out)
    assert state["filled"] == 8 and sum(state["by"].values()) == 8 and state["seconds_left"] == 0
    assert "8 of 8 cells are filled" in langgeo("status", out).out
    assert langgeo("calibrate", whole_run.config, "--shard", "4/3").code == 2
    assert langgeo("-q", "calibrate", whole_run.config).out == "8 reused\n"


def test_a_record_that_is_damaged_is_not_filled(
    langgeo: Langgeo, whole_run: Finished, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    shutil.copytree(whole_run.cache, tmp_path / "cache")
    monkeypatch.setenv("LANGGEO_CACHE", str(tmp_path / "cache"))
    note = next((tmp_path / "cache" / "cells").rglob("*.json"))
    note.write_text(note.read_text(encoding="utf-8")[:-9], encoding="utf-8")
    assert json.loads(langgeo("status", whole_run.config, "--json").out)["filled"] == 7


def test_items_of_a_device_that_is_not_here_have_eight_texts(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    assert guessed_seconds(plan, plan.cells)

    def absent(*_: object) -> None:
        raise UserError("no card")

    monkeypatch.setattr("langgeo_core.api.chosen_device", absent)
    assert guessed_seconds(plan, plan.cells) == {}


def test_machines_without_a_common_folder_share_a_store_at_an_address(
    langgeo: Langgeo, whole_run: Finished, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shared = f"store={(tmp_path / 'shared').as_uri()}"
    for number in (1, 2):
        monkeypatch.setenv("LANGGEO_CACHE", str(tmp_path / f"machine-{number}"))
        assert langgeo("-q", "calibrate", whole_run.config, shared, "--shard", f"{number}/2").code == 0
    monkeypatch.setenv("LANGGEO_CACHE", str(tmp_path / "laptop"))
    state = json.loads(langgeo("status", whole_run.config, shared, "--json").out)
    assert (state["filled"], sum(state["by"].values())) == (8, 8)
    assert state["tokens_a_second"] > 0
    assert langgeo("-q", "run", whole_run.config, shared, "--out", tmp_path / "run").code == 0
    assert record_of(tmp_path / "run")["cells_reused"] == 8
    assert (tmp_path / "run/distances.csv").read_bytes() == (whole_run.folder / "distances.csv").read_bytes()
    assert json.loads(langgeo("status", whole_run.config, "--json").out)["filled"] == 8, "and kept here"


def test_workers_with_a_cache_of_their_own_fill_a_store_at_an_address(
    langgeo: Langgeo, whole_run: Finished, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LANGGEO_CACHE", str(tmp_path / "laptop"))
    config = config_of({"registry": None}, str(whole_run.config), [f"store={(tmp_path / 'shared').as_uri()}"])
    plan, store = make_plan(config), Store.at(config.settings.store)

    class Elsewhere(Threads):
        @contextmanager
        def open(self, folder: Path) -> Iterator[Pool]:
            """Workers of another machine."""
            monkeypatch.setenv("LANGGEO_CACHE", str(tmp_path / "worker"))
            with super().open(folder) as pool:
                yield pool
            monkeypatch.setenv("LANGGEO_CACHE", str(tmp_path / "laptop"))

    calibrated = calibrate(plan, store, RunWindows(plan), True, Elsewhere().elsewhere(plan, store, tmp_path, True))
    assert [cell.status for cell in calibrated.cells] == ["calibrated"] * 8
    assert all(cell.record and cell.record.file.is_relative_to(tmp_path / "laptop") for cell in calibrated.cells)


def test_a_store_that_cannot_be_reached_is_worth_another_try(
    langgeo: Langgeo, whole_run: Finished, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("no folder", encoding="utf-8")
    monkeypatch.setenv("LANGGEO_CACHE", str(tmp_path / "file" / "cache"))
    outcome = langgeo("-q", "calibrate", whole_run.config, "--shard", "1/3")
    assert outcome.code == 75, outcome.err
    assert outcome.err.startswith("error: ")


def test_a_scheduler_that_does_not_answer(langgeo: Langgeo, whole_run: Finished, tmp_path: Path, cache: Path) -> None:
    pytest.importorskip("distributed")
    workers = "executor={name: dask, address: 'tcp://127.0.0.1:9', timeout: 1}"
    outcome = langgeo("-q", "run", whole_run.config, workers, "--out", tmp_path / "run")
    assert outcome.code == 2
    assert "no answer of a scheduler with a worker at tcp://127.0.0.1:9 in 1 seconds" in outcome.err


def test_no_slurm(langgeo: Langgeo, whole_run: Finished, tmp_path: Path, cache: Path) -> None:
    outcome = langgeo("-q", "run", whole_run.config, "executor=slurm", "--out", tmp_path / "run")
    assert outcome.code == 2 and "there is no Slurm here" in outcome.err


def test_the_folder_of_a_run_is_not_named_after_its_executor(plan: Plan) -> None:
    from langgeo_core.api import default_folder

    plain = default_folder(plan.config, ["seed=1"])
    assert default_folder(plan.config, ["seed=1", "executor=dask", "executor.workers=3", "store=memory://x"]) == plain


def test_extras_are_imported_only_where_they_are_used(tmp_path: Path) -> None:
    import subprocess
    import sys

    code = (
        "import sys; from langgeo_core.cli import _exit_code; _exit_code(['list', 'executors']);"
        "import langgeo_executors.api, langgeo_executors.dask_workers, langgeo_executors.slurm_jobs;"
        "print({'distributed', 'dask', 'submitit'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "set()"
    assert "local" in done.stdout


def test_an_executor_takes_no_part_in_addresses(plan: Plan) -> None:
    config = plan.config
    others = {**config.choices, "executors": ()}
    assert make_plan(replace(config, choices=others)).cells == plan.cells


@pytest.mark.parametrize("texts", [1, 2])
def test_the_language_whose_code_is_all_is_one_language(
    langgeo: Langgeo, whole_run: Finished, tmp_path: Path, cache: Path, texts: int
) -> None:
    folder = tmp_path / "texts"
    folder.mkdir()
    for language in ("all", "deu", "fra"):
        (folder / f"{language}.txt").write_text(made_up_text(language), encoding="utf-8")
    words = (whole_run.config, "--text", folder, f"executor={{name: slurm, cluster: debug, texts: {texts}}}")
    outcome = langgeo("-q", "calibrate", *words)
    assert (outcome.code, outcome.out) == (0, "3 calibrated\n"), outcome.err
    assert langgeo("-q", "calibrate", *words, "--shard", "1/3").out == "share 1/3: 1 reused\n"


def test_a_job_that_cannot_be_asked_about_fails_and_is_not_waited_for(tmp_path: Path) -> None:
    from langgeo_executors.slurm_jobs import _Jobs

    class Job:
        def done(self) -> bool:
            raise OSError("sacct: error: cannot reach the database")

    class Engine:
        def map_array(self, function: object, items: tuple[str, ...]) -> list[Job]:
            return [Job() for _ in items]

    jobs = _Jobs(Engine(), 2, True)
    future = jobs.submit(fill, "an item")
    assert "cannot reach the database" in str(future.exception(30))
    jobs.close()
    assert jobs.failed


def backwards(texts: Path, target: Path) -> Path:
    """The texts with their words in the opposite order."""
    target.mkdir()
    for file in texts.glob("*.txt"):
        words = file.read_text(encoding="utf-8").split()
        (target / file.name).write_text(" ".join(reversed(words)), encoding="utf-8")
    return target


def test_comparisons_are_made_by_workers_and_found_by_the_run(
    langgeo: Langgeo,
    whole_run: Finished,
    text_folder: Path,
    tmp_path: Path,
    cache: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    config = two_corpora(whole_run.config, backwards(text_folder, tmp_path / "texts"), tmp_path / "two.yaml")
    words = (config, "reliability.replicates=2", "calibration.tokens=64", "evaluators=[layers]", "parts.layers=[1]")
    assert langgeo("-q", "run", *words, "--out", tmp_path / "one").code == 0
    made: list[int] = []
    compare = distances.compare

    def counted(*given: Any, **named: Any) -> Any:
        made.append(threading.get_ident())
        return compare(*given, **named)

    monkeypatch.setattr(distances, "compare", counted)
    workers = "executor={name: slurm, cluster: debug}"
    assert langgeo("-q", "run", *words, workers, "--out", tmp_path / "two").code == 0
    assert len(made) == 4  # of each corpus the whole texts and the replicates, once
    for name in (*RESULTS, "replicates/distances.csv"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes(), name
    again = langgeo("-q", "run", *words, workers, "seed=1", "--out", tmp_path / "three")
    assert again.code == 0 and len(made) == 4
    other = langgeo("-q", "run", *words, workers, "distance=jaccard", "--out", tmp_path / "four")
    assert other.code == 0 and len(made) == 8


def test_a_comparison_that_is_damaged_is_made_again_with_an_incident(
    langgeo: Langgeo, whole_run: Finished, text_folder: Path, tmp_path: Path, cache: Path
) -> None:
    config = two_corpora(whole_run.config, backwards(text_folder, tmp_path / "texts"), tmp_path / "two.yaml")
    workers = "executor={name: slurm, cluster: debug}"
    assert langgeo("-q", "run", config, workers, "--out", tmp_path / "one").code == 0
    kept = [file for file in statistics_files(cache) if "partials" in load_file(file)]
    assert len(kept) == 2
    for damaged in (kept, kept[:1], []):  # one alone the run itself makes again, without workers
        for file in damaged:
            file.write_bytes(file.read_bytes()[:-8])
        assert langgeo("-q", "run", config, workers, "--overwrite", "--out", tmp_path / "two").code == 0
        assert (tmp_path / "one/distances.csv").read_bytes() == (tmp_path / "two/distances.csv").read_bytes()
        told = incidents(tmp_path / "two").splitlines()
        assert len(told) == len(damaged)
        assert all(line.startswith("the comparison of ") and line.endswith("; made again") for line in told)
        assert all(any(file.name in line for line in told) for file in damaged)
