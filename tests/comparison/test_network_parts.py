"""Distances over some of the weight matrices: which these are, what they add up to, and what is refused."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from safetensors import safe_open
from tiny_run import NO_PICTURES, Finished, Langgeo, rows

from langgeo_core.api import DistanceMatrix, Run, UserError, WeightMatrix
from langgeo_core.comparison.pairwise import Recipe
from langgeo_core.comparison.weight_matrices import distances_of
from langgeo_core.config.schema import PartsSettings
from langgeo_core.pipeline.run import first_stages
from langgeo_core.planning.needs import check_parts, depths, taking_part
from langgeo_distances.hamming import Hamming
from langgeo_distances.jaccard import Jaccard
from langgeo_testing import seal_run

MODULES = ("attn.q_proj", "attn.k_proj", "mlp.down_proj", "cross.attn.q_proj")


def network(layers: int, modules: Sequence[str] = MODULES) -> tuple[WeightMatrix, ...]:
    return tuple(
        WeightMatrix(f"h.{layer}.{module}", layer, module, 2, 3 + place, f"h.{layer}")
        for layer in range(layers)
        for place, module in enumerate(modules)
    )


def chosen(matrices: Sequence[WeightMatrix], layers: Sequence[str] = (), modules: Sequence[str] = ()) -> list[str]:
    taken = taking_part(matrices, PartsSettings(layers=tuple(layers), modules=tuple(modules)))
    return [matrix.name for matrix, takes_part in zip(matrices, taken, strict=True) if takes_part]


@pytest.mark.parametrize(
    ("written", "layers"),
    [
        (["7"], [7]),
        (["7-10"], [7, 8, 9, 10]),
        (["0-1", "17"], [0, 1, 17]),
        (["0.4-0.6"], [7, 8, 9, 10]),
        (["0.0-0.5"], list(range(9))),
        (["0.5-1.0"], list(range(9, 18))),
        ([".9-1.0", "3"], [3, 16, 17]),
        ([], list(range(18))),
    ],
)
def test_layers_by_number_and_by_depth(written: list[str], layers: list[int]):
    assert chosen(network(18, ["m"]), written) == [f"h.{layer}.m" for layer in layers]


def test_two_halves_of_the_depth_share_no_layer():
    matrices = network(5, ["m"])
    assert chosen(matrices, ["0.0-0.5"]) == ["h.0.m", "h.1.m"]
    assert chosen(matrices, ["0.5-1.0"]) == ["h.2.m", "h.3.m", "h.4.m"]
    assert depths(matrices) == {0: 0.1, 1: 0.3, 2: 0.5, 3: 0.7, 4: 0.9}


def test_modules_by_their_names_or_last_words():
    matrices = network(1)
    assert chosen(matrices, modules=["mlp.down_proj"]) == ["h.0.mlp.down_proj"]
    assert chosen(matrices, modules=["down_proj", "k_proj"]) == ["h.0.attn.k_proj", "h.0.mlp.down_proj"]
    assert chosen(matrices, modules=["attn.q_proj"]) == ["h.0.attn.q_proj", "h.0.cross.attn.q_proj"]
    assert chosen(matrices, modules=["_proj"]) == []
    assert chosen(network(3), ["1-2"], ["down_proj"]) == ["h.1.mlp.down_proj", "h.2.mlp.down_proj"]


@pytest.mark.parametrize(("distance", "terms"), [(Hamming(), 1), (Jaccard(), 2)])
def test_the_terms_and_sizes_of_the_chosen_matrices_alone(distance: Hamming | Jaccard, terms: int):
    matrices = network(3)
    half = np.random.default_rng(0).integers(1, 5, (len(matrices), terms, 4, 4)).astype(float)
    partials = half + half.transpose(0, 1, 3, 2)
    partials[..., range(4), range(4)] = 0
    taken = taking_part(matrices, PartsSettings(layers=("1",), modules=("down_proj", "k_proj")))
    places = [5, 6]
    assert list(np.flatnonzero(taken)) == places
    expected = distance.finish(partials[places].sum(axis=0), 2 * 4 + 2 * 5)
    np.testing.assert_allclose(distances_of(partials, matrices, distance, taken), expected, rtol=1e-15)
    assert (expected[~np.eye(4, dtype=bool)] > 0).all()


def test_parts_that_are_nowhere_are_refused_with_what_there_is():
    there = r"tiny has layers 0 to 2 and modules attn\.q_proj, attn\.k_proj, mlp\.down_proj, cross\.attn\.q_proj"
    models = {"tiny": network(3)}
    with pytest.raises(UserError, match=r"parts\.layers: no weight matrix is in '3-9'") as caught:
        check_parts(PartsSettings(layers=("0", "3-9")), models)
    assert caught.match("layers") and there.replace("\\", "") in caught.value.hint
    with pytest.raises(UserError, match=r"parts\.modules: no weight matrix is in 'fc1'"):
        check_parts(PartsSettings(modules=("fc1",)), models)
    check_parts(PartsSettings(layers=("2",), modules=("down_proj",)), models)


def test_each_part_must_be_in_some_model_and_each_model_must_have_a_part():
    models = {"small": network(3, ["fc1"]), "large": network(9, ["w1"])}
    check_parts(PartsSettings(modules=("fc1", "w1")), models)
    check_parts(PartsSettings(layers=("1-8",)), models)
    with pytest.raises(UserError, match="no weight matrix of small is in them"):
        check_parts(PartsSettings(layers=("5-8",)), models)


def recomputed(run: Run, name: str, wanted: str) -> np.ndarray:
    """Hamming distances from the stored sums of the matrices whose names hold `wanted`."""
    with safe_open(run.path / "distances" / f"{name}.safetensors", "numpy") as stored:
        partials, names = stored.get_tensor("partials"), json.loads(stored.metadata()["matrices"])
    places = [place for place, matrix in enumerate(names) if wanted in matrix]
    sizes = {row["matrix"]: int(row["rows"]) * int(row["columns"]) for row in run.table("kept.csv")}
    return partials[places].sum(axis=(0, 1)) / sum(sizes[names[place]] for place in places)


def test_a_run_over_some_parts(own_run: Finished, langgeo: Langgeo):
    before = Run(own_run.folder).distances.values
    words = ["parts.layers=1", "parts.modules=[down_proj, o_proj]", NO_PICTURES, "--from", "compare"]
    assert langgeo("run", own_run.folder / "config.yaml", *words, "--out", own_run.folder).code == 0
    run = Run(own_run.folder)
    (name,) = run.cell_distances
    both = {row["matrix"] for row in rows(own_run.folder / "kept.csv")}
    assert both == {"layers.1.mlp.down_proj", "layers.1.self_attn.o_proj"}
    assert run.record["compared"] == "parts"
    weights = {"down_proj": 0.0, "o_proj": 0.0}
    for row in run.table("kept.csv"):
        module = row["module"].split(".")[-1]
        if module in weights and row["layer"] == "1":
            weights[module] += int(row["rows"]) * int(row["columns"])
    parts = {module: recomputed(run, name, f"layers.1.{end}") for module, end in _ENDS.items()}
    expected = sum(parts[module] * size for module, size in weights.items()) / sum(weights.values())
    np.testing.assert_allclose(run.distances.values, expected, rtol=1e-12)
    assert not np.allclose(run.distances.values, before)


_ENDS = {"down_proj": "mlp.down_proj", "o_proj": "self_attn.o_proj"}


def test_replicates_are_compared_over_the_same_parts(langgeo: Langgeo, tiny_config: Path, tmp_path: Path):
    words = ["reliability.replicates=2", NO_PICTURES, "calibration.tokens=64", "languages=[deu,eng,fra]"]
    folders = {}
    for layers in ("0", "1"):
        folders[layers] = tmp_path / layers
        assert langgeo("run", tiny_config, *words, f"parts.layers={layers}", "--out", folders[layers]).code == 0
    first, second = (np.array([row["floor"] for row in rows(folders[one] / "reliability.csv")]) for one in "01")
    assert (first != second).all()


def test_stored_sums_are_read_with_their_matrices(own_run: Finished):
    run = Run(own_run.folder)
    ((model, corpus),) = run.weight_matrices
    stored = run.partial_distances(model, corpus)
    assert stored.ids == run.distances.ids
    assert stored.sums.shape == (len(stored.matrices), 1, len(stored.ids), len(stored.ids))
    everything = taking_part(stored.matrices, PartsSettings())
    found = distances_of(stored.sums, stored.matrices, Hamming(), everything)
    np.testing.assert_array_equal(found, run.distances.values)


def test_sums_of_other_matrices_than_kept_csv_names_are_refused(own_run: Finished):
    file = own_run.folder / "kept.csv"
    file.write_text(file.read_text(encoding="utf-8").replace("layers.1.", "layers.9."), encoding="utf-8")
    seal_run(own_run.folder)
    run = Run(own_run.folder)
    ((model, corpus),) = run.weight_matrices
    with pytest.raises(UserError, match=r"has other weight matrices than kept\.csv"):
        run.partial_distances(model, corpus)


def test_a_matrix_spread_over_more_languages_lacks_them():
    found = DistanceMatrix(("a", "b"), np.array([[0.0, 2.0], [2.0, 0.0]])).spread(("b", "c", "a"))
    assert found.ids == ("b", "c", "a")
    nan = np.nan
    np.testing.assert_array_equal(found.values, [[0, nan, 2], [nan, 0, nan], [2, nan, 0]])


def test_wrong_parts_are_one_message(own_run: Finished, langgeo: Langgeo):
    config = own_run.folder / "config.yaml"
    nowhere = langgeo("run", config, "parts.layers=5", "--from", "compare", "--out", own_run.folder)
    assert nowhere.code == 2
    assert "parts.layers: no weight matrix is in '5'" in nowhere.err
    assert "layers 0 to 1 and modules self_attn.q_proj" in nowhere.err
    for written in ("five", "9-7", "0.5", "0.4-6", "-1"):
        refused = langgeo("validate", config, f"parts.layers={written}")
        assert refused.code == 2
        assert f"{written!r} is not layers: write 7, 7-10, or a range of depth" in refused.err
    assert "unknown" in langgeo("validate", config, "parts.layer=5").err


def test_wrong_parts_of_a_known_model_are_found_before_anything_is_written(
    own_run: Finished, langgeo: Langgeo, tmp_path: Path
):
    refused = langgeo("run", own_run.config, "parts.modules=dwn_proj", "--out", tmp_path / "new")
    assert refused.code == 2
    assert "parts.modules: no weight matrix is in 'dwn_proj'" in refused.err
    assert not (tmp_path / "new").exists()


def test_wrong_parts_of_a_model_never_seen_are_found_by_compare(langgeo: Langgeo, tiny_config: Path, tmp_path: Path):
    words = ["parts.modules=dwn_proj", "languages=[deu, eng]", "calibration.tokens=64"]
    refused = langgeo("run", tiny_config, *words, "--out", tmp_path / "new")
    assert refused.code == 2
    assert "parts.modules: no weight matrix is in 'dwn_proj'" in refused.err
    assert not (tmp_path / "new" / "kept.csv").exists()


def test_a_change_of_parts_begins_with_compare(tiny_config: Path, cache: Path):
    from langgeo_core.api import config_of

    def resolved(*words: str):
        return config_of({"registry": None}, str(tiny_config), words, None)

    one, other = resolved(), resolved("parts.layers=[0-0, 1]")
    assert first_stages(one, other) == {"parts.layers": "compare"}
    assert other.settings.parts.layers == ("0-0", "1")
    assert Recipe.of(other).parts == other.settings.parts
