from collections.abc import Iterator
from importlib import import_module

import numba
import numpy as np
import pytest
from embedding_cases import between, blobs, groups_are_apart, matrix, plane
from pydantic import ValidationError

import langgeo_embedders
from langgeo_core.api import DistanceMatrix, Embedding, NumericalError
from langgeo_testing import Check, checks

RECORDS = {record.name: record for record in langgeo_embedders.langgeo_embedders()}
SMALL: dict[str, dict[str, object]] = {
    "smacof": {"n_init": 2},
    "tsne": {"max_iter": 250},
    "isomap": {},
    "umap": {"n_epochs": 20},
}


@pytest.fixture(scope="module", autouse=True)
def umap_as_it_is_written() -> Iterator[None]:
    """Compiling what twenty languages need would take half a minute."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(numba.config, "DISABLE_JIT", 1)
        if not RECORDS["umap"].missing_packages():
            import_module("umap")
        yield


@pytest.fixture(params=sorted(SMALL))
def name(request: pytest.FixtureRequest) -> str:
    if missing := RECORDS[request.param].missing_packages():
        pytest.skip(f"{', '.join(missing)} not installed")
    return str(request.param)


needs_umap = pytest.mark.skipif(bool(RECORDS["umap"].missing_packages()), reason="umap-learn not installed")


def embed(name: str, distances: DistanceMatrix, **options: object) -> Embedding:
    record = RECORDS[name]
    embedder = record.load("factory")(record.load("options")(**{**SMALL.get(name, {}), **options}))
    found: Embedding = embedder.embed(distances)
    return found


def test_all_are_registered():
    assert list(RECORDS) == ["torgerson", "smacof", "tsne", "isomap", "umap"]
    assert RECORDS["umap"].how_to_install() == 'pip install "langgeo[umap]"'
    assert [record.name for record in RECORDS.values() if record.requires] == ["umap"]


def test_points_have_ids_and_no_eigenvalues(name: str):
    distances = matrix(between(plane()))
    embedding = embed(name, distances)
    assert embedding.ids == distances.ids
    assert embedding.coordinates.shape == (20, 2)
    assert embedding.coordinates.dtype == np.float64
    assert np.isfinite(embedding.coordinates).all()
    assert len(embedding.eigenvalues) == 0
    assert embedding.notes
    assert {type(value) for value in embedding.notes.values()} == {float}


def test_a_map_is_repeatable(name: str):
    distances = matrix(between(plane()))
    first, again = embed(name, distances), embed(name, distances)
    np.testing.assert_array_equal(first.coordinates, again.coordinates)
    assert first.notes == again.notes


def test_the_order_of_the_languages_changes_nothing(name: str):
    distances = matrix(between(plane()))
    order = np.random.default_rng(3).permutation(20)
    shuffled = embed(name, distances.subset([distances.ids[place] for place in order]))
    assert shuffled.ids == tuple(f"l{place:03}" for place in order)
    np.testing.assert_array_equal(shuffled.coordinates, embed(name, distances).coordinates[order])


def test_groups_stay_together(name: str):
    options: dict[str, object] = {"n_neighbors": 9} if name == "isomap" else {}
    assert groups_are_apart(embed(name, matrix(between(blobs())), **options).coordinates)


def test_dimensions_are_chosen(name: str):
    assert embed(name, matrix(between(blobs())), dimensions=3, **_reaching(name)).coordinates.shape == (24, 3)


def _reaching(name: str) -> dict[str, object]:
    return {"n_neighbors": 20} if name == "isomap" else {}


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("n", [1, 2, 10])
def test_equal_languages_have_no_axis(name: str, n: int):
    embedding = embed(name, matrix(np.zeros((n, n))))
    assert embedding.coordinates.shape == (n, 0)
    assert len(embedding.ids) == n


def test_some_equal_languages_do_not_fail(name: str):
    coordinates = embed(name, matrix(between(np.repeat(plane(8), 2, axis=0)))).coordinates
    assert np.isfinite(coordinates).all()


def test_missing_pairs_name_the_languages_to_leave_out(name: str):
    distances = between(plane(6))
    distances[2, [0, 1, 3, 4, 5]] = distances[[0, 1, 3, 4, 5], 2] = np.nan
    with pytest.raises(NumericalError, match=rf"{name} needs .* lack some: l002\n  leave these languages out"):
        embed(name, matrix(distances))


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("power", [-990, 990])
@pytest.mark.parametrize("name", ["torgerson", "tsne", "isomap", "smacof"])
def test_tiny_and_huge_distances_give_the_same_map(name: str, power: int):
    distances = between(plane())
    ordinary = np.ldexp(distances, -int(np.frexp(distances.max())[1]))
    found, expected = (embed(name, matrix(values)) for values in (np.ldexp(ordinary, power), ordinary))
    np.testing.assert_array_equal(found.coordinates, expected.coordinates)


def test_the_given_matrix_is_left_as_it_is(name: str):
    distances = matrix(between(plane()))
    before = distances.values.copy()
    embed(name, distances)
    np.testing.assert_array_equal(distances.values, before)


@pytest.mark.filterwarnings("error")
def test_isomap_of_what_fits_exactly_has_no_error():
    for seed in range(10):
        points = np.random.default_rng(seed).normal(size=(8, 2))
        assert embed("isomap", matrix(between(points)), n_neighbors=7).notes["reconstruction_error"] < 1e-6


@pytest.mark.parametrize("wrong", [{"dimensions": 0}, {"seed": -1}, {"nothing": 2}, {"n_neighbors": 1}])
def test_options_are_checked(wrong: dict[str, object]):
    for record in RECORDS.values():
        with pytest.raises(ValidationError):
            record.load("options")(**wrong)


# Below is what umap alone does.


@needs_umap
@pytest.mark.parametrize(("n", "asked", "used"), [(4, 15, 3.0), (20, 15, 15.0), (20, 4, 4.0)])
@pytest.mark.filterwarnings("error:using precomputed metric", "error:n_neighbors is larger")
def test_neighbours_of_umap_are_at_most_all_others(n: int, asked: int, used: float):
    embedding = embed("umap", matrix(between(plane(n))), n_neighbors=asked)
    assert embedding.notes == {"n_neighbors": used}
    assert np.isfinite(embedding.coordinates).all()


@needs_umap
@pytest.mark.parametrize(("n", "dimensions"), [(2, 2), (3, 2), (5, 4)])
def test_too_few_languages_for_umap_are_an_error(n: int, dimensions: int):
    with pytest.raises(NumericalError, match=f"at least {dimensions + 2} languages .* got {n}"):
        embed("umap", matrix(between(plane(n))), dimensions=dimensions)


@needs_umap
def test_another_seed_is_another_map_of_umap():
    values = matrix(between(plane()))
    assert not np.allclose(embed("umap", values).coordinates, embed("umap", values, seed=1).coordinates)


@needs_umap
@pytest.mark.parametrize("check", checks("embedders", "umap", options=SMALL["umap"]), ids=str)
def test_umap_keeps_its_promises(check: Check):
    check()
