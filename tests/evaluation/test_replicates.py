"""Replicates of texts: which windows they are, what their distances say by hand, and runs that measure them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import yaml
from hypothesis import given, strategies
from scipy.stats import spearmanr
from tiny_run import (
    LANGUAGES,
    NO_PICTURES,
    Finished,
    Langgeo,
    record_of,
    rows,
    statistics_files,
    two_corpora,
    with_files,
)

from langgeo_core.api import ConfigError, DistanceMatrix, NumericalError, Replicates, Run, UserError
from langgeo_core.calibration.windows import RunWindows, select
from langgeo_core.config.catalog import bundled_catalog
from langgeo_core.config.load import draft_config
from langgeo_core.config.schema import CalibrationSettings
from langgeo_core.contract.types import replicate_id
from langgeo_core.planning.plan import make_plan
from langgeo_core.planning.texts import Kept, deal, not_repeated
from langgeo_core.plugins.registry import installed
from langgeo_core.storage.schema import read_distances
from langgeo_statistics.reliability import (
    Noise,
    below_floor,
    floor_share,
    language_rows,
    rank_correlation,
    replicate_metrics,
    same_nearest,
    spearman_brown,
    split_half,
)

IDS = ("aaa", "bbb", "ccc")
TWO, FOUR = "reliability.replicates=2", "reliability.replicates=4"


def matrix(points: np.ndarray, ids: tuple[str, ...] = IDS) -> DistanceMatrix:
    """Of points (languages, replicates) on a line."""
    flat = points.ravel()
    names = tuple(replicate_id(name, number) for name in ids for number in range(points.shape[1]))
    return DistanceMatrix(names, np.abs(flat[:, np.newaxis] - flat))


def noise_of(found: DistanceMatrix) -> Noise:
    return Noise.of(Replicates.of(found))


BY_HAND = matrix(np.array([[0.0, 1.0], [1.5, 0.5], [10.0, 12.0]]))


def test_distances_by_hand() -> None:
    noise = noise_of(BY_HAND)
    assert noise.ids == IDS
    assert noise.own.tolist() == [1, 1, 2]
    assert noise.within[0][0].tolist() == [0, 1.5, 10] and noise.within[1][0].tolist() == [0, 0.5, 11]
    # from a/0 to b/1 and from a/1 to b/0: both 0.5
    assert noise.across[0, 1:].tolist() == [0.5, (12 + 9) / 2]
    assert np.isnan(np.diagonal(noise.across)).all()


def test_the_order_of_the_languages_changes_no_nearest_neighbour() -> None:
    tied = np.array([[0, 1, 1, 3], [1, 0, 3, 3], [1, 3, 0, 3], [3, 3, 3, 0.0]])
    apart = np.array([[0, 1, 2, 3], [1, 0, 3, 3], [2, 3, 0, 3], [3, 3, 3, 0.0]])
    for order in ([0, 1, 2, 3], [0, 2, 1, 3], [3, 2, 1, 0]):
        within = np.stack([values[np.ix_(order, order)] for values in (tied, apart)])
        noise = Noise(tuple("abcd"[place] for place in order), np.zeros(4), within, within.mean(axis=0))
        assert same_nearest(noise) == 1.0


def test_a_pair_nearer_than_its_replicates_has_no_significant_difference() -> None:
    noise = noise_of(BY_HAND)
    assert below_floor(noise) == pytest.approx(1 / 3)
    assert same_nearest(noise) == pytest.approx(2 / 3)  # of ccc it is bbb, then aaa
    found = list(language_rows(Replicates.of(BY_HAND)))
    assert [(row["nearest"], row["told_apart"], row["below_floor"]) for row in found] == [
        ("bbb", "no", "bbb"),
        ("aaa", "no", "aaa"),
        ("bbb", "yes", ""),
    ]
    assert floor_share(noise) == pytest.approx((4 / 3) / np.mean([0.5, 10.5, 10]))


def test_three_replicates_by_hand() -> None:
    """Every figure is a mean over the pairs of different replicates."""
    points = np.array([[0.0, 1.0, 4.0], [9.0, 2.0, 2.5], [5.0, 7.0, 6.0]])
    noise = noise_of(matrix(points))
    assert noise.own.tolist() == [
        pytest.approx((1 + 4 + 3) / 3),
        pytest.approx((7 + 6.5 + 0.5) / 3),
        pytest.approx(4 / 3),
    ]
    pairs = [(one, other) for one in range(3) for other in range(3) if one != other]
    expected = np.mean([abs(points[0, one] - points[1, other]) for one, other in pairs])
    assert noise.across[0, 1] == pytest.approx(expected) and noise.across[1, 0] == noise.across[0, 1]
    # ranks of ab, ac, bc: (3, 2, 1), (1, 3, 2) and (1, 2, 3)
    assert split_half(noise) == pytest.approx(np.mean([-0.5, -1, 0.5]))
    nearest = np.array([[2, 2, 0], [1, 0, 1], [1, 2, 1]])  # of each language in each replicate
    agree = [np.mean(nearest[:, one] == nearest[:, other]) for one, other in ((0, 1), (0, 2), (1, 2))]
    assert same_nearest(noise) == pytest.approx(np.mean(agree))


def test_the_jackknife_leaves_a_replicate_out() -> None:
    points = np.random.default_rng(0).random((4, 4))
    replicates = Replicates.of(matrix(points, ("a", "b", "c", "d")))
    for left in range(4):
        others = [number for number in range(4) if number != left]
        pairs = [(one, other) for one in others for other in others if one != other]
        expected = np.mean([np.abs(points[:, [one]] - points[:, other]) for one, other in pairs], axis=0)
        np.fill_diagonal(expected, 0)
        np.testing.assert_allclose(replicates.without(left).values, expected)
    with pytest.raises(NumericalError, match="2 replicates are too few to leave one out"):
        Replicates.of(BY_HAND).without(0)


def test_leaving_out_a_replicate_adds_a_constant_of_each_language_to_squared_distances() -> None:
    """In expectation; by hand where a language's replicates lie evenly around its mean in directions of their own."""
    means = np.array([[0.0, 0, 0], [3, 0, 0], [0, 4, 0]])
    spread = np.eye(4) - 0.25
    points = np.zeros((3, 4, 3 + 3 * 4))
    for row, mean in enumerate(means):
        points[row, :, :3] = mean
        points[row, :, 3 + 4 * row : 7 + 4 * row] = spread
    flat = points.reshape(12, -1)
    squared = np.square(flat[:, np.newaxis] - flat).sum(axis=-1)
    names = tuple(replicate_id(name, number) for name in IDS for number in range(4))
    mean = Replicates.of(DistanceMatrix(names, squared)).between(range(4))
    between = np.square(means[:, np.newaxis] - means).sum(axis=-1)
    added = mean[~np.eye(3, dtype=bool)] - between[~np.eye(3, dtype=bool)]
    np.testing.assert_allclose(added, added[0])


def clouds(languages: int, apart: float, rng: np.random.Generator) -> Noise:
    """Two halves each of languages that lie `apart` in ten dimensions, every half with the same noise."""
    centres = apart * rng.normal(size=(languages, 1, 10))
    flat = (centres + rng.normal(size=(languages, 2, 10))).reshape(2 * languages, 10)
    values = np.linalg.norm(flat[:, np.newaxis] - flat, axis=-1)
    names = tuple(replicate_id(f"l{name}", half) for name in range(languages) for half in (0, 1))
    return noise_of(DistanceMatrix(names, (values + values.T) / 2))


@pytest.mark.parametrize("languages", [4, 12, 40])
def test_halves_of_one_language_under_many_names_are_seldom_told_apart(languages: int) -> None:
    rng = np.random.default_rng(languages)
    drawn = [clouds(languages, 0.0, rng) for _ in range(60)]
    farther = np.mean([(one.across > one.floors)[one.pairs].mean() for one in drawn])
    assert farther > 0.2  # than the halves of either: no error rate by itself
    assert np.mean([below_floor(one) < 1 for one in drawn]) <= 0.05


@pytest.mark.parametrize("languages", [4, 12, 40])
def test_languages_that_are_far_apart_are_told_apart(languages: int) -> None:
    assert below_floor(clouds(languages, 9.0, np.random.default_rng(languages))) < 0.1


def test_halves_that_are_all_equally_far_have_no_spread_to_test_against() -> None:
    halves = noise_of(matrix(np.array([[0.0, 1.0], [0.5, 1.5], [10.0, 11.0]])))
    assert halves.below[0, 1] and not halves.below[0, 2]


def test_a_language_with_one_half_is_left_out() -> None:
    names = [name for name in BY_HAND.ids if name != "bbb/1"]
    assert noise_of(BY_HAND.subset(names)).ids == ("aaa", "ccc")


def test_missing_pairs_are_passed_over() -> None:
    values = BY_HAND.values.copy()
    values[0, 3] = values[3, 0] = np.nan
    halves = noise_of(DistanceMatrix(BY_HAND.ids, values))
    assert below_floor(halves) == 0
    assert [row["nearest"] for row in language_rows(Replicates.of(DistanceMatrix(BY_HAND.ids, values)))] == [
        "ccc",
        "ccc",
        "bbb",
    ]


def test_rank_correlation_is_scipys() -> None:
    rng = np.random.default_rng(0)
    one, other = (np.triu(rng.random((7, 7)).round(1), 1) for _ in range(2))
    upper = np.triu_indices(7, 1)
    assert rank_correlation(one + one.T, other + other.T) == pytest.approx(spearmanr(one[upper], other[upper])[0])
    assert np.isnan(rank_correlation(np.zeros((5, 5)), np.ones((5, 5))))


def test_spearman_brown_by_hand() -> None:
    assert spearman_brown(0.5) == pytest.approx(2 / 3)
    assert spearman_brown(-0.2) == -0.2
    assert spearman_brown(0.5, 4) == pytest.approx(4 * 0.5 / (1 + 3 * 0.5))


def test_clear_languages_are_reliable_and_one_text_is_not() -> None:
    rng = np.random.default_rng(1)
    names = tuple(f"l{index:02}" for index in range(30))
    clear = rng.normal(size=(30, 1)) * 10 + rng.normal(size=(30, 2)) * 0.01
    found = {row.metric: row for row in replicate_metrics(Replicates.of(matrix(clear, names)), seed=0)}
    assert found["split_half"].value > 0.999 and found["below_floor"].value < 0.05
    assert found["split_half"].n == 30 and found["split_half"].ci_low > 0.99
    same = rng.normal(size=(60, 40))
    far = np.linalg.norm(same[:, np.newaxis] - same, axis=2)
    one_text = DistanceMatrix(tuple(replicate_id(name, half) for name in names for half in (0, 1)), (far + far.T) / 2)
    found = {row.metric: row for row in replicate_metrics(Replicates.of(one_text), seed=0)}
    assert abs(split_half(noise_of(one_text))) < 0.3
    assert found["below_floor"].value > 0.5


@given(strategies.integers(2, 7), strategies.integers(2, 60))
def test_replicates_share_no_window_and_are_equally_many(replicates: int, windows: int) -> None:
    if windows < replicates:
        with pytest.raises(UserError, match=f"fewer than the {replicates} replicates"):
            deal(range(windows), replicates)
        return
    dealt = deal(range(windows), replicates)
    assert {len(piece) for piece in dealt} == {windows // replicates}
    assert sorted(place for piece in dealt for place in piece) == list(range(windows // replicates * replicates))
    assert all(place % replicates == number for number, piece in enumerate(dealt) for place in piece)


@pytest.mark.parametrize(("tokens", "expected"), [(96, 3), (120, 4), (128, 4)])
def test_no_replicate_is_of_a_short_window_alone(tokens: int, expected: int) -> None:
    settings = CalibrationSettings(tokens=128, window=32, short="use")
    selection = select([" ".join(map(str, range(tokens)))], lambda text: [int(word) for word in text.split()], settings)
    sizes = [sum(len(selection.windows.ids[place]) for place in piece) for piece in selection.dealt(expected)]
    assert min(sizes) >= 0.75 * max(sizes)
    short = select([" ".join(map(str, range(107)))], lambda text: [int(word) for word in text.split()], settings)
    assert len(short.windows.ids) == 4 and len(short.dealt(2)) == 2
    with pytest.raises(UserError, match="3 full windows, fewer than the 4 replicates"):
        short.dealt(4)


def test_what_is_read_over_and_over_is_read_once() -> None:
    assert not_repeated([(1, 2, 3), (4, 5, 6), (1, 2, 3), (4,)]) == (0, 1)


def test_values_are_kept_while_there_is_room() -> None:
    kept, made = Kept(most=3), []
    for key in ("small", "large", "small", "large", "tiny"):
        kept.get(key, lambda key=key: made.append(key) or key, {"small": 2, "large": 5, "tiny": 1}.__getitem__)
    assert made == ["small", "large", "large", "tiny"]


@pytest.fixture
def measured(langgeo: Langgeo, own_run: Finished, tmp_path: Path) -> Path:
    done = langgeo("-q", "run", own_run.config, FOUR, NO_PICTURES, "--out", tmp_path / "four")
    assert done.code == 0, done.err
    return tmp_path / "four"


HALVES = {
    "split_half": (0.34725455617893863, 0.32353506888999384, -0.28686252658113454, 0.9813716389390118),
    "split_half_whole": (0.515499546223568, 0.3598472276251021, -0.1897880598582189, 1.0),
    "noise_floor": (0.052685546875, 0.0021050377984477807, 0.048559748603946865, 0.05681134514605314),
    "floor_share": (0.7317380352644838, 0.026492481973833165, 0.6798137247346941, 0.7836623457942734),
    "below_floor": (0.07142857142857142, 0.3748147690674837, 0.0, 0.8060520196745369),
    "same_nearest": (0.375, 0.22534695471649932, 0.0, 0.8166719152701172),
}
"""Value, standard error and interval of each figure of two replicates, as split halves had them."""


def test_two_replicates_are_split_halves(langgeo: Langgeo, own_run: Finished, tmp_path: Path) -> None:
    folder, before = tmp_path / "two", len(statistics_files(own_run.cache))
    done = langgeo("-q", "run", own_run.config, TWO, "exporters=[html]", "--out", folder)
    assert done.code == 0, done.err
    cells, pieces = rows(folder / "cells.csv"), rows(folder / "replicates" / "cells.csv")
    assert {row["status"] for row in cells} == {"reused"} and {row["status"] for row in pieces} == {"calibrated"}
    assert len(statistics_files(own_run.cache)) == before + 2 * len(cells)
    whole = {row["language"]: int(row["tokens"]) for row in cells}
    for language, tokens in whole.items():
        assert sum(int(row["tokens"]) for row in pieces if row["language"] == language) == tokens
    np.testing.assert_array_equal(Run(folder).distances.values, Run(own_run.folder).distances.values)
    replicates = Run(folder).replicates
    assert replicates is not None and (replicates.languages, replicates.count) == (Run(folder).distances.ids, 2)
    assert [row["language"] for row in rows(folder / "reliability.csv")] == list(Run(folder).distances.ids)
    found = {row["metric"]: row for row in rows(folder / "metrics.csv") if row["evaluator"] == "reliability"}
    assert set(found) == set(HALVES)
    for name, expected in HALVES.items():
        figures = [float(found[name][column]) for column in ("value", "sd", "ci_low", "ci_high")]
        assert figures == pytest.approx(expected, rel=1e-3)
    assert 'id="reliability"' in (folder / "report.html").read_text(encoding="utf-8")
    again = langgeo("-q", "run", own_run.config, "exporters=[html]", "--out", folder, "--overwrite")
    assert again.code == 0, again.err
    assert not list((folder / "replicates").glob("*")) and not (folder / "reliability.csv").exists()
    assert Run(folder).replicates is None
    assert 'id="reliability"' not in (folder / "report.html").read_text(encoding="utf-8")


def test_replicates_are_cells_of_their_own(measured: Path, own_run: Finished) -> None:
    pieces = rows(measured / "replicates" / "cells.csv")
    assert [(row["language"], row["replicate"]) for row in pieces[:5]] == [
        *((LANGUAGES[0], str(number)) for number in range(4)),
        (LANGUAGES[1], "0"),
    ]
    assert {row["tokens"] for row in pieces} == {"32"}  # of 128 in windows of 32
    run = Run(measured)
    np.testing.assert_array_equal(run.distances.values, Run(own_run.folder).distances.values)
    assert run.replicates is not None and run.replicates.values.shape == (8, 4, 8, 4)


@pytest.mark.parametrize(
    "words", [[], ["calibration.batch=1"], ["calibration.mode=sequential", "calibration.device=cpu"]]
)
def test_batches_and_modes_change_nothing(
    words: list[str], langgeo: Langgeo, measured: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the whole, in several batches, and a block of the network at a time, as added to an earlier run."""
    config = yaml.safe_load((measured / "config.yaml").read_text(encoding="utf-8"))
    (tmp_path / "same.yaml").write_text(yaml.safe_dump(config), encoding="utf-8")
    monkeypatch.setenv("LANGGEO_CACHE", str(tmp_path / "empty"))
    done = langgeo("-q", "run", tmp_path / "same.yaml", *words, "--out", tmp_path / "other")
    assert done.code == 0, done.err
    assert {row["status"] for row in rows(tmp_path / "other" / "replicates" / "cells.csv")} == {"calibrated"}
    one, other = (read_distances(folder / "replicates" / "distances.csv") for folder in (tmp_path / "other", measured))
    assert one.ids == other.ids
    np.testing.assert_allclose(one.values, other.values, atol=1e-3)


def test_the_run_aggregates_and_transforms_them(
    langgeo: Langgeo, own_run: Finished, text_folder: Path, tmp_path: Path
) -> None:
    config = two_corpora(own_run.config, text_folder, tmp_path / "two.yaml")
    words = [FOUR, "aggregator=rank-mean", "transforms=[sqrt]"]
    done = langgeo("-q", "run", config, *words, "--out", tmp_path / "two")
    assert done.code == 0, done.err
    run = Run(tmp_path / "two")
    assert run.replicates is not None
    assert run.distances.values.max() == run.replicates.matrix.values.max() == 1  # the last rank, and its root
    pair = sorted((run.path / "replicates").glob("*--*.csv"))
    assert len(pair) == 2
    # the second corpus is the first under another name
    upper = np.triu_indices(len(run.replicates.matrix.ids), 1)
    alone, both = (
        np.argsort(one.values[upper], kind="stable") for one in (read_distances(pair[0]), run.replicates.matrix)
    )
    assert alone.tolist() == both.tolist()
    figures = {row["metric"]: row for row in rows(run.path / "metrics.csv") if row["evaluator"] == "reliability"}
    assert float(figures["agreement"]["value"]) == 1 and float(figures["variance_pair"]["value"]) == 1
    assert figures["split_half"]["n"] == "4"


def test_cells_of_a_scorer_with_a_loss_have_replicates_too(langgeo: Langgeo, tiny_config: Path, tmp_path: Path) -> None:
    words = [TWO, NO_PICTURES, "scorer=fisher", "languages=[deu,eng,fra]"]
    done = langgeo("-q", "run", tiny_config, *words, "--out", tmp_path / "run")
    assert done.code == 0, done.err
    assert record_of(tmp_path / "run")["cells_calibrated"] == 9
    replicates = Run(tmp_path / "run").replicates
    assert replicates is not None and replicates.count == 2 and replicates.matrix.complete


ALPHABET = "".join(map(chr, range(33, 127)))


def test_texts_with_too_few_windows_are_refused_together_before_a_model_is_loaded(
    langgeo: Langgeo, tiny_config: Path, text_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from langgeo_hf.folder import FolderModel

    monkeypatch.delattr(FolderModel, "load")
    short = with_files(text_folder, tmp_path / "short", {"fra.txt": ALPHABET[:80], "ita.txt": ALPHABET[:50]})
    words = [f"corpora.text-folder.path={short}", "calibration.short=cycle", FOUR]
    done = langgeo("-q", "run", tiny_config, *words, "--out", tmp_path / "run")
    assert done.code == 2
    assert "fra: the text has 2 full windows, fewer than the 4 replicates asked for" in done.err
    assert "ita: the text has 1 full window" in done.err and "lower reliability.replicates" in done.err
    assert "deu" not in done.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["reliability.replicates=1"], "one replicate is the whole text: write 0 for none, or 2 or more"),
        (["reliability.each=line"], "`reliability.each: line` needs `calibration.unit: lines`"),
    ],
)
def test_settings_that_make_no_sense_are_refused(
    words: list[str], said: str, langgeo: Langgeo, tiny_config: Path
) -> None:
    done = langgeo("validate", tiny_config, *words)
    assert done.code == 2 and said in done.err


LINES = ["reliability.each=line", FOUR, "calibration.unit=lines", "calibration.tokens=8", "calibration.window=1"]


def test_the_same_lines_are_dealt_to_the_same_replicate_in_every_language(
    langgeo: Langgeo, tiny_config: Path, tmp_path: Path
) -> None:
    """The second line is the first again in one language: dealt by their numbers, both are read."""
    folder = tmp_path / "parallel"
    folder.mkdir()
    for first, language in zip("abc", ("deu", "eng", "fra"), strict=True):
        lines = [first * 8 + str(number) * 24 for number in range(8)]
        if language == "fra":
            lines[1] = lines[0]
        (folder / f"{language}.txt").write_text("\n".join(lines), encoding="utf-8")
    words = [f"corpora.text-folder.path={folder}", *LINES, NO_PICTURES]
    aligned = "[{name: whiten-within, align: lines}]"
    whitened = [f"transforms={aligned}", f"baselines=[{{name: transformed, as: aligned, transforms: {aligned}}}]"]
    done = langgeo("-q", "run", tiny_config, *words, *whitened, "--out", tmp_path / "run")
    assert done.code == 0, done.err
    log = (tmp_path / "run" / "run.log").read_text(encoding="utf-8")
    assert log.count("3 languages with 4 replicates, 6 degrees of freedom") == 2
    assert list(Run(tmp_path / "run").baselines) == ["aligned"]
    assert {row["tokens"] for row in rows(tmp_path / "run" / "replicates" / "cells.csv")} == {"64"}
    (folder / "fra.txt").write_text("\n".join("c" * 32 for _ in range(6)), encoding="utf-8")
    done = langgeo("-q", "run", tiny_config, *words, "calibration.short=use", "--out", tmp_path / "unequal")
    assert done.code == 2 and "languages fra: other lines than in the other languages" in done.err
    config = draft_config(str(tiny_config), [*words, "calibration.short=use"], installed(), bundled_catalog())
    with pytest.raises(ConfigError, match="languages fra: other lines"):  # where no cell has to be calibrated too
        RunWindows(make_plan(config.resolved())).check(())


def test_a_text_is_read_and_tokenized_once_in_a_run(
    langgeo: Langgeo, tiny_config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Planning, calibration, replicates and baselines together."""
    from langgeo_hf.network import FolderTokenizer
    from langgeo_text.folder import TextFolder

    read: list[str] = []
    encoded: list[str] = []
    reading, encode = TextFolder.read, FolderTokenizer.encode
    monkeypatch.setattr(TextFolder, "read", lambda self, language: read.append(language) or reading(self, language))
    monkeypatch.setattr(FolderTokenizer, "encode", lambda self, text: encoded.append(text) or encode(self, text))
    words = [TWO, NO_PICTURES, "baselines=[char-ngrams, token-overlap, fertility]"]
    done = langgeo("-q", "run", tiny_config, *words, "--out", tmp_path / "run")
    assert done.code == 0, done.err
    assert sorted(read) == sorted(LANGUAGES)
    assert len([text for text in encoded if text != "probe"]) == len(LANGUAGES)


def test_a_plan_counts_them(langgeo: Langgeo, tiny_config: Path) -> None:
    words = ["--no-probe", "--json"]
    whole, four = (
        json.loads(langgeo("plan", tiny_config, f"reliability.replicates={count}", *words).out)["prediction"]["models"][
            0
        ]
        for count in (0, 4)
    )

    assert (whole["cells"], four["cells"]) == (8, 8 * 2)
    assert four["disk"]["statistics"] == 5 * whole["disk"]["statistics"]
    assert four["comparing"] == pytest.approx(2 * whole["comparing"])
    assert "  replicates of texts: 32 to calibrate\n" in langgeo("plan", tiny_config, FOUR, "--no-probe").out
