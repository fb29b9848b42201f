"""Transfer that is measured: against the same few lines of torch, resumed, by workers, and refusals."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from tiny_run import Langgeo, rows, statistics_files
from transformers import AutoModelForCausalLM

from langgeo_core.api import Store, config_of, make_plan
from langgeo_transfer import study
from langgeo_transfer.study import Recipe, Study, halves, measured

RECIPE = Recipe(steps=3, rate=1e-2, batch=2, window=16, held_out=200)
WORDS = ("--steps", 3, "--rate", 0.01, "--batch", 2, "--window", 16, "--held-out", 200)
PAIRS = ("--sources", "German,ita", "--targets", "deu,eng,fra")


@pytest.fixture
def small(tiny_config: Path, cache: Path) -> Study:
    plan = make_plan(config_of({"registry": None}, str(tiny_config), ()))
    return Study(plan, ("deu", "ita"), ("deu", "eng", "fra"), RECIPE, 2)


def bits_of(network: Any, ids: list[int], start: list[int]) -> float:
    """By one window after the other."""
    total = 0.0
    for place in range(0, len(ids), RECIPE.window):
        batch = torch.tensor([[*start, *ids[place : place + RECIPE.window]]])
        with torch.no_grad():
            logits = network(input_ids=batch).logits[0, :-1]
        total += torch.nn.functional.cross_entropy(logits, batch[0, 1:], reduction="sum").item()
    return total / math.log(2)


def test_losses_are_those_of_a_few_lines_of_torch(small: Study, tiny_model: Path) -> None:
    model = next(iter(small.plan.models.values()))
    encode, loaded = model.tokenizer().encode, model.load_causal("float32")
    start = [] if loaded.bos is None else [loaded.bos]
    network = AutoModelForCausalLM.from_pretrained(tiny_model, dtype=torch.float32).eval()
    before = measured(small, "", 0)
    learnt = halves(small.text("ita"), RECIPE.held_out)[0]
    ids = encode(learnt)
    windows = [ids[place : place + 16] for place in range(0, len(ids) - 15, 16)]
    draw, order = np.random.default_rng(1), []
    while len(order) < 6:
        order += draw.permutation(len(windows)).tolist()
    optimizer = torch.optim.AdamW(network.parameters(), lr=1e-2, weight_decay=0.0)
    texts = [halves(small.text(target), RECIPE.held_out)[1] for target in small.targets]
    expected = [bits_of(network, encode(text), start) / len(text.encode()) for text in texts]
    np.testing.assert_allclose(before, expected, rtol=1e-5)
    for step in range(3):
        optimizer.zero_grad()
        batch = torch.tensor([[*start, *windows[place]] for place in order[2 * step : 2 * step + 2]])
        logits = network(input_ids=batch).logits[:, :-1].flatten(0, 1)
        (torch.nn.functional.cross_entropy(logits, batch[:, 1:].flatten(), reduction="sum") / 32).backward()
        optimizer.step()
    after = measured(small, "ita", 1)
    expected = [bits_of(network, encode(text), start) / len(text.encode()) for text in texts]
    np.testing.assert_allclose(after, expected, rtol=1e-4)
    assert (after != before).all()
    np.testing.assert_array_equal(measured(small, "", 0), before)  # what was learnt is forgotten, to the bit


def test_halves_share_nothing_and_what_is_measured_has_its_bytes(small: Study) -> None:
    for language in small.targets:
        learnt, text = halves(small.text(language), RECIPE.held_out)
        assert "\n".join(small.text(language).documents).startswith(learnt + text)
        assert RECIPE.held_out - 3 <= len(text.encode()) <= RECIPE.held_out


def table(langgeo: Langgeo, config: Path, out: Path, *words: Any) -> Any:
    return langgeo("-q", "transfer-table", config, *words, *PAIRS, *WORDS, "--seeds", 2, "--out", out)


def test_a_table_that_transfer_reads(langgeo: Langgeo, tiny_config: Path, small: Study, tmp_path: Path) -> None:
    done = table(langgeo, tiny_config, tmp_path / "table.csv")
    assert done.code == 0, done.err
    assert "2 sources, 3 targets, 2 seeds" in done.out and "standard deviation over seeds" in done.out
    found = rows(tmp_path / "table.csv")
    assert [(row["target"], row["source"]) for row in found] == [
        ("deu", "ita"), ("eng", "deu"), ("eng", "ita"), ("fra", "deu"), ("fra", "ita"),
    ]  # fmt: skip
    before = measured(small, "", 0)
    gains = np.array([before - measured(small, "ita", seed) for seed in (0, 1)])
    assert float(found[0]["score"]) == pytest.approx(gains[:, 0].mean(), abs=1e-9)
    assert float(found[0]["sd"]) == pytest.approx(gains[:, 0].std(ddof=1), abs=1e-9)
    assert float(found[0]["before"]) == pytest.approx(before[0])


def test_what_is_interrupted_goes_on(
    langgeo: Langgeo, tiny_config: Path, tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    passes: list[tuple[str, int]] = []
    measure = study.measured

    def counted(one: Study, source: str, seed: int) -> Any:
        if len(passes) == 3:
            raise KeyboardInterrupt
        passes.append((source, seed))
        return measure(one, source, seed)

    monkeypatch.setattr(study, "measured", counted)
    assert table(langgeo, tiny_config, tmp_path / "one.csv").code == 130
    assert not (tmp_path / "one.csv").exists() and passes == [("", 0), ("deu", 0), ("ita", 0)]
    monkeypatch.setattr(study, "measured", measure)
    seen: list[str] = []
    keep = Store.keep
    monkeypatch.setattr(Store, "keep", lambda store, key, arrays: (seen.append(key), keep(store, key, arrays)))
    assert table(langgeo, tiny_config, tmp_path / "one.csv").code == 0
    assert len(seen) == 2
    workers = "executor={name: slurm, cluster: debug}"
    assert table(langgeo, tiny_config, tmp_path / "two.csv", workers).code == 0
    assert len(seen) == 2  # neither by other workers again
    assert (tmp_path / "one.csv").read_bytes() == (tmp_path / "two.csv").read_bytes()


def test_losses_that_are_damaged_are_measured_again_and_that_is_said(
    langgeo: Langgeo, tiny_config: Path, tmp_path: Path, cache: Path, caplog: pytest.LogCaptureFixture
) -> None:
    assert table(langgeo, tiny_config, tmp_path / "one.csv").code == 0
    file = statistics_files(cache)[0]
    file.write_bytes(file.read_bytes()[:-8])
    assert table(langgeo, tiny_config, tmp_path / "two.csv").code == 0
    assert f"{file} does not match its checksum; measured again" in caplog.text
    assert (tmp_path / "one.csv").read_bytes() == (tmp_path / "two.csv").read_bytes()


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--held-out", 1_000_000), "half of its text has"),
        (("--window", 100_000), "of the 100000 tokens of a window"),
        (("--sources", "Yoruba"), "the config has no text of yor"),
        (("--sources", "Gibberish"), "Gibberish"),
        (("--sources", "eng", "--targets", "eng"), "there is no pair of two languages"),
        (("models=[a, b]",), "there is no"),
    ],
)
def test_refusals(langgeo: Langgeo, tiny_config: Path, tmp_path: Path, words: tuple[Any, ...], says: str) -> None:
    options = dict(zip(WORDS[::2], WORDS[1::2], strict=True)) | {"--sources": "deu", "--targets": "eng"}
    overrides = [word for word in words if "=" in str(word)]
    options |= {} if overrides else dict(zip(words[::2], words[1::2], strict=True))
    flat = [part for pair in options.items() for part in pair]
    refused = langgeo("-q", "transfer-table", tiny_config, *overrides, *flat, "--out", tmp_path / "table.csv")
    assert refused.code == 2 and "Traceback" not in refused.err
    if not overrides:
        assert says in refused.err
