"""`langgeo ablate` over the tiny model: what it writes, what it skips, what it does not do twice."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.stats import spearmanr
from sklearn.metrics import silhouette_score
from tiny_run import Finished, Langgeo, with_files

from langgeo_ablation import variants
from langgeo_core.api import Run, installed, schema

SWEEP = ("scorer.diagonal=inverse,cholesky", "embedder.transform=identity,sqrt")
EXTRAS = (
    *("script_null_mean", "script_null_sd", "script_p", "distinct", "distinct_n"),
    *("classes", "class_ci_low", "class_ci_high"),
)
METRIC_COLUMNS = (*schema.METRICS.header, *EXTRAS)
HALVES = ("--halves", "12")


def table(folder: Path) -> list[dict[str, str]]:
    with (folder / "ablation.csv").open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def record_of(folder: Path) -> dict[str, Any]:
    record: dict[str, Any] = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    return record


def key(row: dict[str, str]) -> tuple[str, ...]:
    return tuple(row[name] for name in ("source", "evaluator", "clusterer", "level", "metric"))


@pytest.fixture(scope="module")
def ablation(tmp_path_factory: pytest.TempPathFactory, whole_run: Finished) -> Path:
    """Two keys over the cells of a finished run; not to be changed."""
    from langgeo_core.cli import _exit_code

    out = tmp_path_factory.mktemp("ablation") / "out"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LANGGEO_CACHE", str(whole_run.cache))
        assert _exit_code(["-q", "ablate", str(whole_run.config), *SWEEP, *HALVES, "--out", str(out)]) == 0
    return out


def test_the_columns_are_as_promised(ablation: Path) -> None:
    header = (ablation / "ablation.csv").read_text(encoding="utf-8").partition("\n")[0].split(",")
    keys = ["scorer.diagonal", "embedder.transform"]
    differences = ["delta", "delta_low", "delta_high", "p_adjusted"]
    assert header == ["variant", *keys, "status", "reason", *METRIC_COLUMNS, *differences, "distance_spearman"]


def test_every_variant_has_every_metric_of_its_run(ablation: Path) -> None:
    rows = table(ablation)
    names = ["baseline", "transform=sqrt", "diagonal=cholesky", "diagonal=cholesky+transform=sqrt"]
    assert list(dict.fromkeys(row["variant"] for row in rows)) == names
    assert {row["status"] for row in rows} == {"ok"}
    for name in names:
        with (ablation / "variants" / name / "metrics.csv").open(encoding="utf-8", newline="") as handle:
            metrics = list(csv.DictReader(handle))
        own = [{column: row[column] for column in METRIC_COLUMNS} for row in rows if row["variant"] == name]
        assert own == metrics


def test_differences_are_from_the_baseline(ablation: Path) -> None:
    rows = table(ablation)
    baseline = {key(row): float(row["value"]) for row in rows if row["variant"] == "baseline"}
    for row in rows:
        assert float(row["delta"]) == pytest.approx(float(row["value"]) - baseline[key(row)], abs=1e-12)
    assert all(row["p_adjusted"] == "" for row in rows if row["variant"] == "baseline")
    tested = [row for row in rows if row["p_adjusted"]]
    assert len(tested) == record_of(ablation)["tests"] > 0
    for row in tested:
        assert float(row["delta_low"]) <= float(row["delta"]) <= float(row["delta_high"])
        assert 0 <= float(row["p_adjusted"]) <= 1


def test_figures_of_the_distances_alone_do_not_change_with_the_embedder(ablation: Path) -> None:
    found = [row for row in table(ablation) if (row["variant"], row["source"]) == ("transform=sqrt", "run")]
    rows = [row for row in found if row["metric"] == "nn1"]
    assert len(rows) == 2
    assert [(row["delta"], row["delta_low"], row["delta_high"], row["p_adjusted"]) for row in rows] == [
        ("0.0", "0.0", "0.0", "1.0")
    ] * len(rows)


def test_how_alike_distances_are_is_told_and_tabled(ablation: Path) -> None:
    own, other = (Run(ablation / "variants" / name).distances for name in ("baseline", "diagonal=cholesky"))
    upper = np.triu_indices(len(own.ids), 1)
    expected = spearmanr(own.values[upper], other.values[upper]).statistic
    found = {row["variant"]: float(row["distance_spearman"]) for row in table(ablation)}
    assert found["baseline"] == found["transform=sqrt"] == pytest.approx(1.0)
    assert found["diagonal=cholesky"] == pytest.approx(expected) != 1.0
    said = f"scorer.diagonal: distances have Spearman's correlation {expected:.3f} (cholesky) with those"
    assert any(one.startswith(said) for one in record_of(ablation)["sentences"])
    assert said.replace("'", "&#x27;") in (ablation / "ablation.html").read_text(encoding="utf-8")
    assert said in (ablation / "ablation.md").read_text(encoding="utf-8")


def test_too_few_languages_are_said_to_be_too_few(own_run: Finished, langgeo: Langgeo, tmp_path: Path) -> None:
    words = ("languages=[deu, eng, fra]", "scorer=sparsegpt,wanda", "clusterers=[]", "baselines=[]")
    done = langgeo("ablate", own_run.config, *words, "--out", tmp_path / "out", *HALVES)
    assert done.code == 0
    assert "scorer: differences are not tested: branch map" in done.out
    assert "(3 languages are too few: at least 4 are needed)" in done.out
    assert "scorer: distances have Spearman's correlation" in done.out


def test_variants_equal_runs_of_their_own(ablation: Path, own_run: Finished, langgeo: Langgeo, tmp_path: Path) -> None:
    settings = ("scorer.diagonal=cholesky", "embedder.transform=sqrt", "exporters=[]")
    assert langgeo("run", own_run.config, *settings, "--out", tmp_path / "alone").code == 0
    folder = ablation / "variants" / "diagonal=cholesky+transform=sqrt"
    for name in ("distances.csv", "embedding.csv", "clusters.csv", "metrics.csv", "config.yaml"):
        assert (folder / name).read_bytes() == (tmp_path / "alone" / name).read_bytes()


def test_no_cell_is_calibrated_where_the_base_run_exists(ablation: Path) -> None:
    record = record_of(ablation)
    assert (record["cells_calibrated"], record["cells_reused"]) == (0, 4 * 8)
    assert record["variants"][0]["variant"] == "baseline"
    assert record["finished"] is True
    assert record["versions"]["langgeo"]
    assert record["seconds"] > 0


@pytest.mark.parametrize("suffix", ["md", "html", "svg", "png"])
def test_the_pages_and_the_picture(ablation: Path, suffix: str) -> None:
    content = (ablation / f"ablation.{suffix}").read_bytes()
    assert len(content) > 500
    if suffix in ("md", "html"):
        assert b"diagonal=cholesky+transform=sqrt" in content
        assert b"embedder.transform" in content


def test_cells_are_calibrated_once_for_all_variants(langgeo: Langgeo, tiny_config: Path, tmp_path: Path) -> None:
    words = ("calibration.tokens=32,64", "scorer.diagonal=inverse,cholesky", "--out", tmp_path / "out")
    done = langgeo("ablate", tiny_config, *words, *HALVES)
    assert done.code == 0
    record = record_of(tmp_path / "out")
    assert (record["cells_calibrated"], record["cells_reused"]) == (3 * 8, 2 * 8)  # 128 of the config, 32 and 64
    assert {row["calibration.tokens"] for row in table(tmp_path / "out")} == {"128", "32", "64"}
    assert "tokens=32+diagonal=cholesky" in done.out
    assert "5 variants, 24 cells calibrated, 16 reused" in done.out
    assert "variant 5/5" in done.err


def test_what_makes_no_sense_is_skipped_and_the_rest_goes_on(
    own_run: Finished, langgeo: Langgeo, tmp_path: Path
) -> None:
    words = ("quantizer.scope=matrix,lyer", "calibration.tokens=128,9999", "--out", tmp_path / "out")
    done = langgeo("ablate", own_run.config, *words, *HALVES)
    assert done.code == 0
    statuses = {row["variant"]: (row["status"], row["reason"], row["value"]) for row in table(tmp_path / "out")}
    assert statuses["baseline"][0] == "ok"
    assert statuses["scope=lyer"][0] == statuses["tokens=9999"][0] == "skipped"
    assert "quantizer.scope" in statuses["scope=lyer"][1]
    assert "fewer than the 9999 asked for" in statuses["tokens=9999"][1]
    assert statuses["tokens=9999"][2] == ""
    assert "could not be run" in done.out


def test_a_quantizer_and_a_distance_that_do_not_fit_are_skipped(
    own_run: Finished, langgeo: Langgeo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from langgeo_quantizers.bits import Median

    whole = Median.forms
    monkeypatch.setattr(Median, "forms", lambda self: () if self.scope == "layer" else whole(self))
    words = ("quantizer.scope=matrix,layer", "--out", tmp_path / "out")
    assert langgeo("ablate", own_run.config, *words, *HALVES).code == 0
    skipped = [row for row in table(tmp_path / "out") if row["status"] == "skipped"]
    assert [row["variant"] for row in skipped] == ["scope=layer"]
    assert "the quantizer makes" in skipped[0]["reason"]
    assert not (tmp_path / "out" / "variants" / "scope=layer").exists()


def test_all_distances_zero_is_a_finding(
    own_run: Finished, langgeo: Langgeo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from langgeo_scorers.features import SparseGPT

    whole = SparseGPT.feature_scores

    def scores(self: Any, statistics: Any) -> Any:
        found = whole(self, statistics)
        return np.ones_like(found) if self.options.diagonal == "cholesky" else found

    monkeypatch.setattr(SparseGPT, "feature_scores", scores)
    done = langgeo("ablate", own_run.config, "scorer.diagonal=inverse,cholesky", "--out", tmp_path / "out", *HALVES)
    assert done.code == 0
    assert {row["status"] for row in table(tmp_path / "out")} == {"ok", "degenerate"}
    assert "diagonal=cholesky cannot tell languages apart" in done.out


def test_finished_variants_are_not_run_again(
    own_run: Finished, langgeo: Langgeo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ("ablate", own_run.config, SWEEP[0], "--out", tmp_path / "out", *HALVES)
    assert langgeo(*words).code == 0
    before = (tmp_path / "out" / "ablation.csv").read_bytes()
    ran: list[str] = []
    whole = variants.run

    def counted(config: Any, folder: Path, *rest: Any, **named: Any) -> Any:
        ran.append(folder.name)
        return whole(config, folder, *rest, **named)

    monkeypatch.setattr(variants, "run", counted)
    assert langgeo(*words).code == 0
    assert ran == []
    assert (tmp_path / "out" / "ablation.csv").read_bytes() == before
    assert [variant["kept"] for variant in record_of(tmp_path / "out")["variants"]] == [True, True]
    assert record_of(tmp_path / "out")["cells_reused"] == 16
    (tmp_path / "out" / "variants" / "diagonal=cholesky" / "metrics.csv").unlink()
    assert langgeo("ablate", own_run.config, *SWEEP, "--out", tmp_path / "out", *HALVES).code == 0
    assert ran == ["transform=sqrt", "diagonal=cholesky", "diagonal=cholesky+transform=sqrt"]


def test_a_variant_with_a_damaged_file_is_run_again(own_run: Finished, langgeo: Langgeo, tmp_path: Path) -> None:
    words = ("ablate", own_run.config, SWEEP[0], "--out", tmp_path / "out", *HALVES)
    assert langgeo(*words).code == 0
    cells = tmp_path / "out" / "variants" / "diagonal=cholesky" / "cells.csv"
    whole = cells.read_text(encoding="utf-8")
    cells.write_text(whole[: len(whole) // 2], encoding="utf-8")
    assert langgeo(*words).code == 0
    assert [variant["kept"] for variant in record_of(tmp_path / "out")["variants"]] == [True, False]
    assert cells.read_text(encoding="utf-8") == whole


def test_changed_texts_are_noticed(langgeo: Langgeo, tiny_config: Path, text_folder: Path, tmp_path: Path) -> None:
    texts = with_files(text_folder, tmp_path / "texts", {})
    words = ("ablate", tiny_config, SWEEP[0], "--text", texts, "--out", tmp_path / "out", *HALVES)
    assert langgeo(*words).code == 0
    (texts / "deu.txt").write_text("another text " * 40, encoding="utf-8")
    assert langgeo(*words).code == 0
    record = record_of(tmp_path / "out")
    assert [variant["kept"] for variant in record["variants"]] == [False, False]
    assert (record["cells_calibrated"], record["cells_reused"]) == (1, 15)


def test_languages_that_differ_are_compared_where_both_have_them(
    own_run: Finished, langgeo: Langgeo, tmp_path: Path
) -> None:
    more = ("languages=[deu, eng, fra, ita, spa],[eng, deu, fra, ita, nld]", "evaluators.glottolog.levels=[branch]")
    assert langgeo("ablate", own_run.config, *more, "--out", tmp_path / "out", *HALVES).code == 0
    rows = [row for row in table(tmp_path / "out") if row["variant"] == "languages=deu-eng-fra-ita-spa"]
    rows = [row for row in rows if row["source"] == "run"]
    assert {row["reason"] for row in rows} == {"the difference is over the 5 languages that the baseline has too"}
    silhouette = next(row for row in rows if row["metric"] == "silhouette")
    shared = Run(own_run.folder).distances.subset(["deu", "eng", "fra", "ita", "spa"])
    classes = np.array([0, 0, 1, 1, 1])
    expected = silhouette_score(shared.values, classes, metric="precomputed")
    assert float(silhouette["delta"]) == pytest.approx(float(silhouette["value"]) - expected)
    # Without transforms distances do not depend on which languages there are. Clusters do, and are found anew.
    assert {row["metric"]: float(row["delta"]) for row in rows if row["clusterer"] and row["delta"]} == {
        metric: pytest.approx(0.0, abs=1e-12) for metric in ("ari", "ami", "v_measure", "purity")
    }


def test_a_folder_of_something_else_is_refused(own_run: Finished, langgeo: Langgeo, tmp_path: Path) -> None:
    refused = langgeo("ablate", own_run.config, SWEEP[0], "--out", own_run.folder)
    assert refused.code == 2
    assert "holds no ablation" in refused.err


def test_another_baseline_is_refused_unless_asked_for(own_run: Finished, langgeo: Langgeo, tmp_path: Path) -> None:
    words = ("ablate", own_run.config, SWEEP[1], "--out", tmp_path / "out", *HALVES)
    assert langgeo(*words).code == 0
    refused = langgeo(*words, "seed=5")
    assert refused.code == 2
    assert "another baseline; different: seed" in refused.err
    assert langgeo(*words, "seed=5", "--overwrite").code == 0


def test_a_baseline_that_fails_ends_the_command(own_run: Finished, langgeo: Langgeo, tmp_path: Path) -> None:
    words = ("calibration.tokens=9999", SWEEP[0], "--out", tmp_path / "out")
    refused = langgeo("ablate", own_run.config, *words)
    assert refused.code == 2
    assert "fewer than the 9999 asked for" in refused.err


def test_json_holds_the_record_and_the_rows(own_run: Finished, langgeo: Langgeo, tmp_path: Path) -> None:
    done = langgeo("ablate", own_run.config, SWEEP[1], "--out", tmp_path / "out", "--json", *HALVES)
    printed = json.loads(done.out)
    assert printed["kind"] == "ablation"
    assert len(printed["rows"]) == len(table(tmp_path / "out"))
    assert printed["sentences"]


def test_the_choices_of_the_config_are_taken_and_run_passes_them_over(
    own_run: Finished, langgeo: Langgeo, tmp_path: Path
) -> None:
    config = tmp_path / "swept.yaml"
    config.write_text(own_run.config.read_text(encoding="utf-8") + "ablate:\n  embedder.transform: [identity, sqrt]\n")
    assert langgeo("ablate", config, "--out", tmp_path / "out", *HALVES).code == 0
    assert list(dict.fromkeys(row["variant"] for row in table(tmp_path / "out"))) == ["baseline", "transform=sqrt"]
    assert langgeo("run", config, "--out", tmp_path / "plain").code == 0
    assert "ablate" not in (tmp_path / "plain" / "config.yaml").read_text(encoding="utf-8")


def test_a_config_without_choices_needs_arguments(tiny_config: Path, langgeo: Langgeo) -> None:
    refused = langgeo("ablate", tiny_config)
    assert refused.code == 2
    assert "nothing to compare" in refused.err


def test_baselines_are_measured_once_where_nothing_of_theirs_changes(
    own_run: Finished, langgeo: Langgeo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    measured: list[str] = []
    factory = installed().get("baselines", "char-ngrams").component.load("factory")
    whole = factory.distances

    def counted(self: Any, context: Any) -> Any:
        measured.append("char-ngrams")
        return whole(self, context)

    monkeypatch.setattr(factory, "distances", counted)
    words = ("scorer=sparsegpt,wanda", "embedder.transform=identity,sqrt", "baselines=[char-ngrams]")
    assert langgeo("ablate", own_run.config, *words, "--out", tmp_path / "out", *HALVES).code == 0
    assert measured == ["char-ngrams"] * 2  # once for each embedding
    rows = [row for row in table(tmp_path / "out") if row["source"] == "char-ngrams"]
    assert {row["variant"] for row in rows} == {row["variant"] for row in table(tmp_path / "out")}
    assert all(float(row["delta"]) == 0.0 for row in rows if row["variant"] == "scorer=wanda")


def test_help_shows_an_example(langgeo: Langgeo) -> None:
    assert "langgeo ablate starter-small scorer.diagonal=inverse,cholesky" in langgeo("ablate", "--help").out
