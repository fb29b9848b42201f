"""The learnt ranking: out of family, from a start that is not learnt, kept and used again."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tiny_run import Langgeo

import langgeo_core as lg
from langgeo_core.api import Language
from langgeo_transfer.figures import Pairs
from langgeo_transfer.fitted import read_fitted
from langgeo_transfer.ranking import CHOICES, Choice, choose, features, learn, start, worth

NAMES = ("best", "geography", "glottolog-tree")
FAMILIES = {
    "Indo-European": ("deu", "nld", "eng", "swe", "rus", "pol", "hin", "spa"), "Uralic": ("fin", "ekk", "hun"),
    "Turkic": ("tur", "kaz", "uzn", "kir"), "Afro-Asiatic": ("arb", "heb", "hau"), "Dravidian": ("tam", "mal"),
    "Austronesian": ("ind", "tgl"),
}  # fmt: skip


def made(n: int = 12, seed: int = 0) -> Pairs:
    """Targets of four families; scores fall with the distance, and each source has a worth of its own."""
    rng = np.random.default_rng(seed)
    languages = tuple(Language(f"l{i}", f"l{i}", family="abcd"[i % 4], script="L") for i in range(n))
    near = rng.random((n, n))
    scores = -2 * near + rng.normal(size=n) + 0.1 * rng.normal(size=(n, n))
    np.fill_diagonal(scores, np.nan)
    near[np.isnan(scores)] = np.nan
    return Pairs("made", languages, languages, scores, np.full((n, n), np.nan), {"near": near}, ())


def test_worth_and_start_know_other_families_alone() -> None:
    pairs = made()
    training = np.arange(8)
    own = worth(pairs, training)
    changed = pairs.scores.copy()
    changed[8:] *= 2.0  # not in training
    changed[0] = np.arange(12.0)
    changed[0, 0] = np.nan
    other = Pairs("made", pairs.targets, pairs.sources, changed, pairs.sizes, pairs.distances, ())
    family = [row for row in range(12) if row % 4 == 0]
    others = [row for row in range(8) if row % 4]
    same = worth(other, training)
    np.testing.assert_allclose(np.nan_to_num(same[family]), np.nan_to_num(own[family]))
    assert not np.allclose(np.nan_to_num(same[others]), np.nan_to_num(own[others]))
    assert features(pairs, own).shape == (12, 12, 5)
    assert np.isnan(start(pairs, own)).sum() == 12


def test_without_a_training_target_a_source_is_worth_nothing() -> None:
    pairs = made()
    assert np.nansum(np.abs(worth(pairs, np.array([0, 4, 8]))[0])) == 0, "all are of the target's family"


def test_trees_add_to_the_start() -> None:
    pytest.importorskip("lightgbm")
    pairs, training, held = made(24), np.arange(20), np.arange(20, 24)
    trees = learn(pairs, training)
    begun = trees.predict(pairs, held, Choice(1.0, 0))
    np.testing.assert_allclose(begun, -start(pairs, worth(pairs, training))[held])
    learnt = trees.predict(pairs, held, CHOICES[-1])
    assert np.isnan(learnt).sum() == 4
    assert not np.allclose(np.nan_to_num(learnt), CHOICES[-1].weight * np.nan_to_num(begun))
    again = learn(pairs, training).predict(pairs, held, CHOICES[-1])
    np.testing.assert_array_equal(learnt, again)
    assert choose(pairs, training) in CHOICES


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """Scores of a source's worth and the nearness of two spaces."""
    rng = np.random.default_rng(0)
    spaces = [lg.space(name) for name in ("best", "geography")]
    codes = [code for codes in FAMILIES.values() for code in codes]
    rows = [space.subset(codes).distances.values / space.distances.values.max() for space in spaces]
    scores = rng.normal(scale=0.2, size=len(codes)) - rows[0] - rows[1]
    lines = [
        f"{target},{source},{scores[i, j]}"
        for i, target in enumerate(codes)
        for j, source in enumerate(codes)
        if source != target
    ]
    file = tmp_path / "scores.csv"
    file.write_text("\n".join(["target,source,score", *lines]) + "\n", encoding="utf-8")
    return file


def test_fitted_compared_kept_and_used(langgeo: Langgeo, table: Path, tmp_path: Path) -> None:
    pytest.importorskip("lightgbm")
    model = tmp_path / "model.json"
    done = langgeo("rank", "fit", table, "--out", model)
    assert done.code == 0, done.err
    assert "out of family; 22 targets in 6 families" in done.out
    names = [line.split("  ")[0] for line in done.out.splitlines() if "  " in line][1:7]
    assert names == ["learnt", "mean+source-average", "mean", *NAMES]
    found = json.loads(langgeo("rank", "fit", table, "--json").out)["tasks"][0]
    assert sum(one["families"] for one in found["choices"]) == 6
    values = {one["distance"]: one["value"] for one in found["figures"] if one["metric"] == "spearman"}
    assert values["mean+source-average"] > max(values[name] for name in NAMES), "a source's worth is in these scores"
    used = json.loads(langgeo("rank", "sources", model, "Azerbaijani", "-k", "3", "--json").out)
    assert len(used["sources"]) == 3
    assert used["sources"][0]["score"] >= used["sources"][1]["score"] >= used["sources"][2]["score"]
    ours = lg.space("best").subset(["cmn_Hans", "deu", "fin", "hun"])
    kept = read_fitted(model)
    kept = replace(
        kept, spaces=("best",), worth={"cmn": 9.0, **kept.worth}, sizes={"cmn": None, **kept.sizes}, trees=""
    )
    ranks = {one.id: score for one, score in kept.ranked(ours.languages[3], ours.languages[:3], [ours])}
    plain = {one.id: score for one, score in replace(kept, worth={**kept.worth, "cmn": 0.0}).ranked(
        ours.languages[3], ours.languages[:3], [ours])}  # fmt: skip
    assert ranks["cmn_Hans"] > plain["cmn_Hans"], "the table calls it cmn"
    few = langgeo("rank", "sources", model, "yor", "--candidates", "deu,wol")
    assert "to Yoruba (yor), of 2 candidates:" in few.out
    model.write_text(model.read_text("utf-8").replace('"worth"', '"value"'), encoding="utf-8")
    damaged = langgeo("rank", "sources", model, "yor")
    assert damaged.code == 1 and "is not what `langgeo rank fit` keeps" in damaged.err


def test_what_rank_refuses(langgeo: Langgeo, table: Path, tmp_path: Path) -> None:
    pytest.importorskip("lightgbm")
    absent = langgeo("rank", "sources", tmp_path / "none.json", "yor")
    assert absent.code == 2 and "langgeo rank fit TABLE --out FILE makes one" in absent.err
    lines = table.read_text("utf-8").splitlines()
    file = tmp_path / "few.csv"
    file.write_text("\n".join([lines[0], *(line for line in lines if line.startswith(("deu,", "fin,")))]), "utf-8")
    few = langgeo("rank", "fit", file)
    assert few.code == 2 and "the targets are of 2 families" in few.err
    two = tmp_path / "two.csv"
    two.write_text(
        "\n".join(["task," + lines[0], *(f"{'ab'[n % 2]},{one}" for n, one in enumerate(lines[1:]))]), "utf-8"
    )
    several = langgeo("rank", "fit", two, "--out", tmp_path / "m.json")
    assert several.code == 2 and "choose one with --task" in several.err


def test_without_lightgbm(langgeo: Langgeo, table: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "lightgbm", None)
    done = langgeo("rank", "fit", table)
    assert done.code == 2
    assert 'lightgbm is not installed\n  type: pip install "langgeo[rank]"' in done.err
