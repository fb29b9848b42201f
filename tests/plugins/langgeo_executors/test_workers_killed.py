"""Workers and controllers are killed at random moments: runs end, byte-identical, and nothing is computed twice."""

from __future__ import annotations

import os
import random
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from tiny_run import Finished, statistics_files

pytestmark = pytest.mark.slow
RESULTS = ("distances.csv", "metrics.csv", "clusters.csv")
DASK = "executor={name: dask, workers: 3, texts: 1}"


def start(config: Path, cache: Path, out: Path, *words: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "langgeo_core", "-q", "run", str(config), *words, "--out", str(out)]
    environment = {**os.environ, "LANGGEO_CACHE": str(cache), "OMP_NUM_THREADS": "1"}
    return subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def workers_of(run: subprocess.Popen[bytes]) -> list[psutil.Process]:
    """The processes that a run started, and those that these started."""
    try:
        found = psutil.Process(run.pid).children(recursive=True)
        return [one for one in found if any(word in " ".join(one.cmdline()) for word in ("spawn_main", "submitit"))]
    except psutil.Error:
        return []


def calibrated(out: Path) -> list[int]:
    """The numbers of cells that the items of a run's log have calibrated."""
    return [int(number) for number in re.findall(r" calibrated (\d+) cells of ", (out / "run.log").read_text())]


def same(out: Path, whole: Finished) -> None:
    for name in RESULTS:
        assert (out / name).read_bytes() == (whole.folder / name).read_bytes(), name


@pytest.mark.parametrize("seed", range(20))
def test_a_worker_of_dask_is_killed(whole_run: Finished, tmp_path: Path, seed: int) -> None:
    pytest.importorskip("distributed")
    source, out = random.Random(seed), tmp_path / "run"
    run = start(whole_run.config, tmp_path / "cache", out, DASK)
    until = time.monotonic() + source.uniform(1, 20)
    while time.monotonic() < until and run.poll() is None:
        time.sleep(0.05)
    if found := workers_of(run):
        source.choice(found).send_signal(signal.SIGKILL)
    _, told = run.communicate(timeout=180)
    assert run.returncode == 0, told.decode()
    same(out, whole_run)
    # An item that was lost between its last cell and its answer has calibrated what the next one finds.
    assert 7 <= sum(calibrated(out)) <= 8


@pytest.mark.parametrize("seed", range(3))
def test_a_job_is_killed_and_goes_back_into_the_queue(whole_run: Finished, tmp_path: Path, seed: int) -> None:
    pytest.importorskip("submitit")
    source, out = random.Random(seed), tmp_path / "run"
    words = "executor={name: slurm, cluster: local, jobs: 2, texts: 2}"
    run = start(whole_run.config, tmp_path / "cache", out, words)
    killed = False
    while run.poll() is None and not killed:
        time.sleep(0.1)
        if found := workers_of(run):
            time.sleep(source.uniform(0, 6))
            source.choice(found).send_signal(signal.SIGKILL)
            killed = True
    _, told = run.communicate(timeout=180)
    assert killed and run.returncode == 0, told.decode()
    same(out, whole_run)
    assert 6 <= sum(calibrated(out)) <= 8


@pytest.mark.parametrize("seed", range(3))
def test_two_controllers_on_one_store_and_one_is_killed(whole_run: Finished, tmp_path: Path, seed: int) -> None:
    pytest.importorskip("distributed")
    source, cache = random.Random(seed), tmp_path / "cache"
    first = start(whole_run.config, cache, tmp_path / "one", DASK)
    other = start(whole_run.config, cache, tmp_path / "two", DASK, "distance=jaccard")
    time.sleep(source.uniform(3, 15))
    first.send_signal(signal.SIGKILL)
    first.communicate()
    _, told = other.communicate(timeout=180)
    assert other.returncode == 0, told.decode()
    again = start(whole_run.config, cache, tmp_path / "one", DASK)
    _, told = again.communicate(timeout=180)
    assert again.returncode == 0, told.decode()
    same(tmp_path / "one", whole_run)
    assert len(statistics_files(cache)) == 8
    assert sum(calibrated(tmp_path / "one")) + sum(calibrated(tmp_path / "two")) <= 8


def test_snakemake_runs_the_page_s_file(whole_run: Finished, tmp_path: Path) -> None:
    """Where Snakemake is installed; it brings some sixty packages."""
    pytest.importorskip("snakemake")
    page = (Path(__file__).parents[3] / "docs" / "how-to" / "cluster.md").read_text(encoding="utf-8")
    text = page.partition("```\n# Snakefile\n")[2].partition("```")[0]
    (tmp_path / "Snakefile").write_text(text, encoding="utf-8")
    (tmp_path / "small.yaml").write_text(whole_run.config.read_text(encoding="utf-8"), encoding="utf-8")
    folder = Path(sys.executable).parent
    environment = {**os.environ, "LANGGEO_CACHE": str(tmp_path / "cache"), "OMP_NUM_THREADS": "1"}
    environment["PATH"] = f"{folder}{os.pathsep}{environment['PATH']}"
    command = [sys.executable, "-m", "snakemake", "--cores", "2", "--quiet", "all"]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    same(tmp_path / "run", whole_run)
    assert len(statistics_files(tmp_path / "cache")) == 8
