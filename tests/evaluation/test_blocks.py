"""Texts without one of four blocks: which windows they are, and a run that measures them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import yaml
from hypothesis import given, strategies
from tiny_run import LANGUAGES, NO_PICTURES, Finished, Langgeo, record_of, rows, two_corpora

from langgeo_core.calibration.selection import select
from langgeo_core.calibration.shared_passes import part_of, with_their_parts
from langgeo_core.calibration.windows import Windows
from langgeo_core.config.schema import CalibrationSettings
from langgeo_core.contract.errors import UserError
from langgeo_core.planning.plan import PlannedCell
from langgeo_core.planning.replicates import BLOCKS, piece_of, share_of
from langgeo_core.storage.run_folder import Run
from langgeo_core.storage.tables import read_distances

BLOCKED = "reliability.blocks=true"
FOUR_WINDOWS = CalibrationSettings(tokens=128, window=32)
"""As the tiny config reads."""


def without(windows: Windows) -> list[tuple[tuple[int, ...], ...]]:
    return [part_of(windows, part).ids for part in BLOCKS.parts]


def test_each_of_four_windows_is_left_out_once() -> None:
    a, b, c, d = ids = ((1, 1, 1), (2, 2, 2), (3, 3, 3), (4, 4))
    assert without(Windows(ids)) == [(b, c, d), (a, c, d), (a, b, d), (a, b, c)]


def test_windows_are_dealt_to_the_shortest_block_and_stay_in_order() -> None:
    a, b, c, d, e, f = ids = ((1, 1, 1), (2, 2, 2), (3, 3, 3), (4,), (5, 5), (6,))
    # the fourth has 1 token, then 3, then e makes it 3 and f goes to the first
    assert without(Windows(ids)) == [(b, c, d, e), (a, c, d, e, f), (a, b, d, e, f), (a, b, c, f)]


def test_fewer_windows_are_cut_the_longest_first() -> None:
    assert without(Windows(((1, 2, 3, 4, 5), (6, 7, 8)))) == [
        ((3,), (4, 5), (6, 7, 8)),
        ((1, 2), (4, 5), (6, 7, 8)),
        ((1, 2), (3,), (6, 7, 8)),
        ((1, 2), (3,), (4, 5)),
    ]


def test_a_text_of_three_tokens_is_refused() -> None:
    with pytest.raises(UserError, match="3 tokens of a text cannot be cut into 4 pieces"):
        part_of(Windows(((1, 2, 3),)), BLOCKS.parts[0])


@given(strategies.lists(strategies.integers(1, 9), min_size=4, max_size=20))
def test_blocks_share_no_window_and_are_of_nearly_the_same_length(lengths: list[int]) -> None:
    windows = Windows(tuple((number,) * length for number, length in enumerate(lengths)))
    left_out = [set(windows.ids) - set(rest) for rest in without(windows)]
    assert sorted(window for block in left_out for window in block) == sorted(windows.ids)
    sizes = [sum(map(len, block)) for block in left_out]
    assert max(sizes) - min(sizes) <= max(lengths)


def test_the_rest_of_a_text_is_summed_with_the_whole() -> None:
    windows = Windows(((1, 2), (3, 4), (5, 6), (7, 8)))
    cells = [PlannedCell("m", "c", "deu", part, part) for part in ("", *BLOCKS.parts)]
    chosen: dict[PlannedCell, Windows | int] = {
        one: part_of(windows, one.part) if one.part else windows for one in cells
    }
    assert with_their_parts(cells, chosen, batch=4) == [cells]
    assert with_their_parts(cells, chosen, batch=3) == [[one] for one in cells]
    assert with_their_parts(cells[1:], chosen, batch=4) == [cells[1:]]
    assert with_their_parts(cells[1:], chosen, batch=3) == [[one] for one in cells[1:]]
    assert with_their_parts(cells[1:2], chosen, batch=4) == [cells[1:2]]


def test_what_is_cut_is_read_together_but_apart_from_the_whole() -> None:
    windows = Windows(((1, 2), (3, 4)))
    cells = [PlannedCell("m", "c", "deu", part, part) for part in ("", *BLOCKS.parts)]
    chosen: dict[PlannedCell, Windows | int] = {
        one: part_of(windows, one.part) if one.part else windows for one in cells
    }
    assert with_their_parts(cells, chosen, batch=4) == [cells[:1], cells[1:]]


def test_names_and_shares() -> None:
    assert [piece_of(part) for part in BLOCKS.parts] == [0, 1, 2, 3]
    assert {share_of(part) for part in BLOCKS.parts} == {0.75}


@pytest.fixture
def blocked(langgeo: Langgeo, own_run: Finished, tmp_path: Path) -> Path:
    done = langgeo("-q", "run", own_run.config, BLOCKED, NO_PICTURES, "--out", tmp_path / "blocks")
    assert done.code == 0, done.err
    return tmp_path / "blocks"


def test_texts_without_a_block_are_cells_of_their_own(blocked: Path, langgeo: Langgeo, own_run: Finished) -> None:
    cells, parts = rows(blocked / "cells.csv"), rows(blocked / "block_cells.csv")
    assert {row["status"] for row in cells} == {"reused"} and {row["status"] for row in parts} == {"calibrated"}
    assert [(row["language"], row["block"]) for row in parts[:5]] == [
        *((LANGUAGES[0], str(block)) for block in range(4)),
        (LANGUAGES[1], "0"),
    ]
    assert {row["tokens"] for row in parts} == {"96"}  # of 128 in windows of 32
    run = Run(blocked)
    np.testing.assert_array_equal(run.distances.values, Run(own_run.folder).distances.values)
    assert [matrix.ids for matrix in run.without_blocks] == [run.distances.ids] * 4
    assert len({matrix.values.tobytes() for matrix in run.without_blocks}) == 4
    assert Run(own_run.folder).without_blocks == ()
    again = langgeo("-q", "run", own_run.config, NO_PICTURES, "--out", blocked, "--overwrite")
    assert again.code == 0, again.err
    assert not (blocked / "block_cells.csv").exists() and not list((blocked / "blocks").rglob("*.csv"))


def test_a_matrix_is_that_of_a_run_whose_text_lacks_the_block(
    langgeo: Langgeo, tiny_config: Path, text_folder: Path, tmp_path: Path
) -> None:
    """One letter is one token, so the windows that are left can be written as a text of their own."""
    long, short = tmp_path / "long", tmp_path / "short"
    long.mkdir(), short.mkdir()
    for file in text_folder.iterdir():
        letters = file.read_text(encoding="utf-8").replace(" ", "")  # which would be stripped at a text's ends
        (long / file.name).write_text(letters, encoding="utf-8")
        whole = select([letters], lambda text: [ord(letter) for letter in text], FOUR_WINDOWS).windows
        assert isinstance(whole, Windows)
        left = part_of(whole, BLOCKS.parts[2]).ids
        (short / file.name).write_text("".join(chr(letter) for window in left for letter in window), encoding="utf-8")
    for folder, words in ((long, [BLOCKED]), (short, ["calibration.tokens=96"])):
        read = f"corpora.text-folder.path={folder}"
        done = langgeo("-q", "run", tiny_config, read, *words, "--out", tmp_path / f"run-{folder.name}")
        assert done.code == 0, done.err
    run, expected = Run(tmp_path / "run-long"), Run(tmp_path / "run-short").distances.values
    np.testing.assert_allclose(run.without_blocks[2].values, expected, atol=1e-4)
    assert np.abs(expected - run.distances.values).max() > 1e-3


@pytest.mark.parametrize(
    "words", [[], ["calibration.batch=1"], ["calibration.mode=sequential", "calibration.device=cpu"]]
)
def test_batches_and_modes_change_nothing(
    words: list[str], langgeo: Langgeo, blocked: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the whole, each alone, and a block of the network at a time, as where the whole was there before."""
    config = yaml.safe_load((blocked / "config.yaml").read_text(encoding="utf-8"))
    (tmp_path / "same.yaml").write_text(yaml.safe_dump(config), encoding="utf-8")
    monkeypatch.setenv("LANGGEO_CACHE", str(tmp_path / "empty"))
    done = langgeo("-q", "run", tmp_path / "same.yaml", *words, "--out", tmp_path / "other")
    assert done.code == 0, done.err
    assert {row["status"] for row in rows(tmp_path / "other" / "block_cells.csv")} == {"calibrated"}
    for one, other in zip(Run(tmp_path / "other").without_blocks, Run(blocked).without_blocks, strict=True):
        np.testing.assert_allclose(one.values, other.values, atol=1e-4)


def test_the_run_aggregates_and_transforms_them(
    langgeo: Langgeo, own_run: Finished, text_folder: Path, tmp_path: Path
) -> None:
    config = two_corpora(own_run.config, text_folder, tmp_path / "two.yaml")
    words = [BLOCKED, "aggregator=rank-mean", "transforms=[sqrt]"]
    done = langgeo("-q", "run", config, *words, "--out", tmp_path / "two")
    assert done.code == 0, done.err
    run = Run(tmp_path / "two")
    for matrix in (run.distances, *run.without_blocks):
        assert matrix.values.max() == 1  # the last rank, and its root
    pair = sorted((run.path / "blocks" / "without-0").glob("*.csv"))
    assert len(pair) == 2
    upper = np.triu_indices(len(run.distances.ids), 1)
    # the second corpus is the first under another name
    one, both = (np.argsort(matrix.values[upper]) for matrix in (read_distances(pair[0]), run.without_blocks[0]))
    assert one.tolist() == both.tolist()


def test_cells_of_a_scorer_with_a_loss_have_blocks_too(langgeo: Langgeo, tiny_config: Path, tmp_path: Path) -> None:
    words = [BLOCKED, NO_PICTURES, "scorer=fisher", "languages=[deu,eng,fra]"]
    done = langgeo("-q", "run", tiny_config, *words, "--out", tmp_path / "run")
    assert done.code == 0, done.err
    assert record_of(tmp_path / "run")["cells_calibrated"] == 15
    assert len(Run(tmp_path / "run").without_blocks) == 4


def test_a_plan_counts_them(langgeo: Langgeo, tiny_config: Path) -> None:
    words = ["--no-probe", "--json"]
    whole, blocks = (
        json.loads(langgeo("plan", tiny_config, f"reliability.blocks={value}", *words).out)["prediction"]["models"][0]
        for value in ("false", "true")
    )
    assert (whole["cells"], blocks["cells"]) == (8, 8 * (1 + 4 * 0.75))
    assert blocks["disk"]["statistics"] == 5 * whole["disk"]["statistics"]
    assert blocks["comparing"] == pytest.approx(5 * whole["comparing"])
    in_words = langgeo("plan", tiny_config, BLOCKED, "--no-probe").out
    assert "  texts without a block: 32 to calibrate\n" in in_words


def test_a_plan_knows_what_needs_passes_of_its_own(langgeo: Langgeo, tiny_config: Path) -> None:
    """Four windows are a batch; with two at a time the rest of a text is read again."""
    together, apart = (
        json.loads(langgeo("plan", tiny_config, BLOCKED, f"calibration.batch={batch}", "--rate", "1e-9", "--json").out)
        for batch in (4, 2)
    )
    assert apart["prediction"]["seconds"] > 1.5 * together["prediction"]["seconds"]
