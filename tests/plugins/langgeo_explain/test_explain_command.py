"""`langgeo explain`: shares that add up, held against the sums in the run folder."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file, save
from tiny_run import NO_PICTURES, Finished, Langgeo, two_corpora

from langgeo_core.api import Run
from langgeo_testing import seal_run

NAME = "huggingface--text-folder"


def explained(langgeo: Langgeo, folder: Path, *words: str) -> Any:
    done = langgeo("explain", folder, *words, "--json")
    assert done.code == 0, done.err
    return json.loads(done.out)


def sums(folder: Path) -> np.ndarray:
    """(matrices, languages, languages)"""
    return load_file(folder / "distances" / f"{NAME}.safetensors")["partials"][:, 0]


def test_shares_are_those_of_the_stored_sums(whole_run: Finished, langgeo: Langgeo):
    found = explained(langgeo, whole_run.folder, "German", "eng")
    assert [one["language"] for one in found["languages"]] == ["deu", "eng"]
    run = Run(whole_run.folder)
    ids = run.distances.ids
    assert found["distance"] == run.distances.values[ids.index("deu"), ids.index("eng")]
    (one,) = found["explanations"]
    stored = sums(whole_run.folder)
    own = stored[:, ids.index("deu"), ids.index("eng")]
    np.testing.assert_allclose([part["share"] for part in one["matrices"]], own / own.sum(), rtol=1e-12)
    pairs = stored[:, *np.triu_indices(len(ids), 1)]
    shares = pairs / pairs.sum(axis=0)
    np.testing.assert_allclose([part["typical"] for part in one["matrices"]], shares.mean(axis=1), rtol=1e-12)
    expected = (own / own.sum() - shares.mean(axis=1)) / shares.std(axis=1)
    np.testing.assert_allclose([part["z"] for part in one["matrices"]], expected, rtol=1e-9)
    assert one["additive"] is True


def test_layers_and_modules_are_sums_of_their_matrices(whole_run: Finished, langgeo: Langgeo):
    (one,) = explained(langgeo, whole_run.folder, "deu", "eng")["explanations"]
    for parts in ("layers", "modules", "matrices"):
        assert sum(part["share"] for part in one[parts]) == pytest.approx(1)
        assert sum(part["typical"] for part in one[parts]) == pytest.approx(1)
    first = [part["share"] for part in one["matrices"] if part["name"].startswith("layers.0.")]
    assert one["layers"][0]["share"] == pytest.approx(sum(first))
    down = [part["share"] for part in one["matrices"] if part["name"].endswith("mlp.down_proj")]
    assert {part["name"]: part["share"] for part in one["modules"]}["mlp.down_proj"] == pytest.approx(sum(down))


def test_the_order_of_the_languages_changes_nothing(whole_run: Finished, langgeo: Langgeo):
    one, other = (explained(langgeo, whole_run.folder, *pair) for pair in (("deu", "eng"), ("eng", "deu")))
    assert one["explanations"] == other["explanations"]
    assert one["nearest"] == other["nearest"]


def test_a_matrix_that_sets_the_pair_apart_stands_first(own_run: Finished, langgeo: Langgeo):
    file = own_run.folder / "distances" / f"{NAME}.safetensors"
    stored, ids = load_file(file), Run(own_run.folder).distances.ids
    rows = [ids.index("deu"), ids.index("eng")]
    place = 6
    stored["partials"][place, 0, rows, rows[::-1]] *= 50
    file.write_bytes(save(stored, metadata=_names(file)))
    seal_run(own_run.folder)
    (one,) = explained(langgeo, own_run.folder, "deu", "eng")["explanations"]
    changed = one["matrices"][place]
    assert changed["z"] == max(part["z"] for part in one["matrices"]) > 3
    printed = langgeo("explain", own_run.folder, "deu", "eng", "-n", "1").out.splitlines()
    assert printed[-1].split()[0] == changed["name"]


def _names(file: Path) -> dict[str, str]:
    size = int.from_bytes(file.read_bytes()[:8], "little")
    found: dict[str, str] = json.loads(file.read_bytes()[8 : 8 + size])["__metadata__"]
    return found


def test_it_reads_as_sentences_and_tables(whole_run: Finished, langgeo: Langgeo):
    out = langgeo("explain", whole_run.folder, "German", "English").out
    assert out.startswith("distance of German and English: 0.")
    assert "nearest to German: " in out and "nearest to English: " in out
    assert "huggingface, text-folder" in out
    assert "modules: share of the distance, mean share over all pairs, z" in out


def test_only_the_parts_of_the_run_are_explained(own_run: Finished, langgeo: Langgeo):
    words = ["parts.layers=1", NO_PICTURES, "--from", "compare", "--out", own_run.folder]
    assert langgeo("run", own_run.folder / "config.yaml", *words).code == 0
    (one,) = explained(langgeo, own_run.folder, "deu", "eng")["explanations"]
    assert [part["name"] for part in one["layers"]] == ["1"]
    assert len(one["matrices"]) == 7


def test_a_distance_that_is_no_sum_says_so(own_run: Finished, langgeo: Langgeo):
    words = ["distance=jaccard", NO_PICTURES, "--from", "compare", "--out", own_run.folder]
    assert langgeo("run", own_run.folder / "config.yaml", *words).code == 0
    (one,) = explained(langgeo, own_run.folder, "deu", "eng")["explanations"]
    assert one["additive"] is False
    assert sum(part["share"] for part in one["matrices"]) == pytest.approx(1)
    assert "this distance is not a sum over weight matrices" in langgeo("explain", own_run.folder, "deu", "eng").out


def test_each_model_and_corpus_that_has_both(langgeo: Langgeo, tiny_config: Path, text_folder: Path, tmp_path: Path):
    some = tmp_path / "some"
    some.mkdir()
    for language in ("deu", "eng", "fra"):
        (some / f"{language}.txt").write_bytes((text_folder / f"{language}.txt").read_bytes())
    config = two_corpora(tiny_config, some, tmp_path / "two.yaml")
    words = [NO_PICTURES, "calibration.tokens=64", "--out", tmp_path / "run"]
    assert langgeo("run", config, *words).code == 0
    both = explained(langgeo, tmp_path / "run", "deu", "eng")["explanations"]
    assert [one["corpus"] for one in both] == ["text-folder", "second"]
    alone = explained(langgeo, tmp_path / "run", "deu", "ita")["explanations"]
    assert [one["corpus"] for one in alone] == ["text-folder"]


def test_mistakes_are_one_message(whole_run: Finished, langgeo: Langgeo, tmp_path: Path):
    same = langgeo("explain", whole_run.folder, "German", "deu")
    assert same.code == 2 and "are the same language, deu" in same.err
    unknown = langgeo("explain", whole_run.folder, "deu", "Klingonese")
    assert unknown.code == 2 and "Klingonese" in unknown.err
    absent = langgeo("explain", whole_run.folder, "deu", "fin")
    assert absent.code == 2 and "Finnish (fin) is not in this space" in absent.err
    (tmp_path / "empty").mkdir()
    assert "is not a run folder" in langgeo("explain", tmp_path / "empty", "deu", "eng").err


def test_a_run_of_a_file_of_distances_has_no_weights(whole_run: Finished, langgeo: Langgeo, tmp_path: Path):
    matrix = whole_run.folder / "distances.csv"
    assert langgeo("evaluate", matrix, NO_PICTURES, "--out", tmp_path / "judged").code == 0
    refused = langgeo("explain", tmp_path / "judged", "deu", "eng")
    assert refused.code == 2
    assert "come from a file, so there are no weight matrices" in refused.err


def test_equal_shares_have_no_z(own_run: Finished, langgeo: Langgeo):
    words = ["parts.layers=0", NO_PICTURES, "--from", "compare", "--out", own_run.folder]
    assert langgeo("run", own_run.folder / "config.yaml", *words).code == 0
    (one,) = explained(langgeo, own_run.folder, "deu", "eng")["explanations"]
    assert [(part["share"], part["z"]) for part in one["layers"]] == [(pytest.approx(1), 0.0)]
