"""Runs and variants of ablations as tracked runs of MLflow, in a store of files."""

from __future__ import annotations

import importlib.metadata
import json
from pathlib import Path
from typing import Any

import pytest
from tiny_run import Finished, Langgeo

from langgeo_core.api import Run, UserError
from langgeo_mlflow.exporter import ALLOWED, MlflowExporter, MlflowOptions, figures, parameters


def test_parameters_are_the_config_s_keys_as_text(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text(
        "name: x\nlanguages: [no, deu]\nscorer: {name: wanda, power: 1.0}\ncalibration: {tokens: 128}\n"
        "clusterers:\n- {name: kmeans, as: km, k: 5}\n- hdbscan\nodd+key: " + "y" * 7000 + "\n",
        encoding="utf-8",
    )
    found = parameters(tmp_path / "config.yaml")
    long = found.pop("odd_key")
    assert (len(long), long[-1]) == (6000, "…")
    assert found == {
        "name": "x", "languages": "no, deu", "scorer": "wanda", "scorer.power": "1.0", "calibration.tokens": "128",
        "clusterers": "km, hdbscan", "clusterers.km.k": "5",
    }  # fmt: skip


def test_figures_are_the_headline_ones_with_intervals_and_baselines(own_run: Finished) -> None:
    run = Run(own_run.folder)
    found = figures(run)
    (branch,) = [one for one in run.metrics if (one.source, one.level, one.metric) == ("run", "branch", "map")]
    assert found["glottolog/branch/map"] == branch.value
    assert (found["glottolog/branch/map.low"], found["glottolog/branch/map.high"]) == branch.interval
    assert "baselines/char-ngrams/glottolog/branch/map" in found
    assert not any("silhouette" in key for key in found)


def test_without_the_client_pip_s_line_is_told(
    own_run: Finished, langgeo: Langgeo, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = importlib.metadata.distribution

    def absent(name: str) -> Any:
        if name == "mlflow-skinny":
            raise importlib.metadata.PackageNotFoundError(name)
        return real(name)

    monkeypatch.setattr("importlib.metadata.distribution", absent)
    refused = langgeo("export", own_run.folder, "--format", "mlflow")
    assert refused.code == 2
    assert 'pip install "langgeo[mlflow]"' in refused.err


def client(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv(ALLOWED, "true")
    return pytest.importorskip("mlflow").MlflowClient(tracking_uri=folder.resolve().as_uri())


def test_a_run_is_tracked_once_with_its_parameters_figures_and_files(
    own_run: Finished, langgeo: Langgeo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = client(tmp_path / "mlruns", monkeypatch)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", str(tmp_path / "mlruns"))
    for _ in range(2):
        done = langgeo("export", own_run.folder, "--format", "mlflow", "experiment=tests")
        assert (done.code, done.out) == (0, f"{own_run.folder / 'exports' / 'mlflow.json'}\n")
    experiment = store.get_experiment_by_name("tests")
    (tracked,) = store.search_runs([experiment.experiment_id])
    where = json.loads((own_run.folder / "exports" / "mlflow.json").read_text(encoding="utf-8"))
    assert where["run"] == tracked.info.run_id
    assert (tracked.info.run_name, tracked.info.status) == ("tiny", "FINISHED")
    run = Run(own_run.folder)
    assert tracked.data.metrics == pytest.approx(figures(run), abs=1e-12)
    assert tracked.data.params == parameters(own_run.folder / "config.yaml")
    assert tracked.data.params["scorer"] and tracked.data.params["calibration.tokens"] == "128"
    assert tracked.data.tags["langgeo"] == run.record["langgeo"]
    names = {one.path for one in store.list_artifacts(tracked.info.run_id)}
    assert {"config.yaml", "run.json", "distances.csv", "metrics.csv", "report.html", "figures"} <= names
    copy = store.download_artifacts(tracked.info.run_id, "distances.csv", str(tmp_path))
    assert Path(copy).read_bytes() == (own_run.folder / "distances.csv").read_bytes()
    assert not [one for one in store.list_artifacts(tracked.info.run_id, "distances") if "safetensors" in one.path]


def test_each_variant_of_an_ablation_is_a_child_of_one_run(
    own_run: Finished, langgeo: Langgeo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = client(tmp_path / "mlruns", monkeypatch)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", str(tmp_path / "mlruns"))
    out = tmp_path / "ablation"
    assert langgeo("-q", "ablate", own_run.config, "distance=hamming,jaccard", "--out", out).code == 0
    done = langgeo("export", out, "--format", "mlflow")
    assert len(done.out.splitlines()) == 2
    tracked = store.search_runs([store.get_experiment_by_name("langgeo").experiment_id])
    (parent,) = [one for one in tracked if "langgeo.ablation" in one.data.tags]
    children = {one.info.run_name: one for one in tracked if one is not parent}
    assert set(children) == {"baseline", "distance=jaccard"}
    assert {one.data.tags["mlflow.parentRunId"] for one in children.values()} == {parent.info.run_id}
    assert parent.data.params == {"distance": "hamming, jaccard"}
    assert "ablation.csv" in {one.path for one in store.list_artifacts(parent.info.run_id)}
    assert children["distance=jaccard"].data.params["distance"] == "jaccard"
    for name, child in children.items():
        expected = figures(Run(out / "variants" / name))
        assert child.data.metrics == pytest.approx(expected, abs=1e-12) and expected
    refused = langgeo("export", out, "--format", "csv", "--out", tmp_path / "x.csv")
    assert (refused.code, "holds 2 runs" in refused.err) == (2, True)


def test_a_store_that_refuses_is_told(own_run: Finished, tmp_path: Path) -> None:
    pytest.importorskip("mlflow")
    (tmp_path / "file").write_text("no folder", encoding="utf-8")
    with pytest.raises(UserError, match="refuses") as refused:
        MlflowExporter(MlflowOptions(tracking=str(tmp_path / "file"))).export(Run(own_run.folder))
    assert "MLFLOW_TRACKING_URI" in refused.value.hint
