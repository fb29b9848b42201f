"""Every architecture that transformers can build small gives the same numbers however it is run, or is refused."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from tiny_architectures import ARCHITECTURES, reads_text, save_small
from tiny_models import one_thread, random_windows

from langgeo_core.api import CalibrationSettings, CellStatistics, Layout, UserError
from langgeo_core.calibration.collect import Collector
from langgeo_core.calibration.inputs import find_layout
from langgeo_core.calibration.modes import OnePass, Sequential, open_model
from langgeo_core.calibration.sequential import runner
from langgeo_hf.folder import FolderModel
from langgeo_hf.options import FolderOptions

WINDOWS = random_windows(3, 20, 20, 20, 13, 7)
REASONS = (
    r" is an encoder-decoder model \(",
    r"\d+ weights of \w+ are stacks of matrices, not linear layers: ",
    r"\d+ linear layers of \w+ do not read a row for each token: ",
    r"\w+ has no linear layer inside a repeated block",
    r"\w+ does not run on token ids alone: ",
)
RUN = {
    "albert": False,
    "deberta-v2": False,
    "distilbert": False,
    "fnet": True,
    "gemma2": True,
    "modernbert": False,
    "rwkv": False,
}
"""Architectures that run, and whether padding changes their numbers in float64."""
REFUSED = {
    "longformer": r"encoder\.layer\.0\.attention\.self\.query reads 16 rows for 8 tokens",
    "mamba": r"2 linear layers of MambaModel .*: layers\.0\.mixer\.dt_proj is never called",
    "mixtral": r"MixtralModel are stacks of matrices.*mixture-of-experts layers are not supported",
    "t5": r"encoder-decoder model \(t5\)",
    "xlnet": r"12 weights of XLNetModel are stacks of matrices, not linear layers: layer\.0\.rel_attn\.q",
}


def opened(folder: Path, mode: str) -> OnePass | Sequential:
    settings = CalibrationSettings(mode=mode, dtype="float64", device="cpu", window=24)
    return open_model(FolderModel(FolderOptions(path=str(folder))), "small", settings)


def collected(model: OnePass | Sequential, layout: Layout, batch: int) -> tuple[CellStatistics, float]:
    """A text's statistics, and by which share padding changes them."""
    run = runner(model.model)
    collector = Collector(model.model, layout, batch, True, 0.01)
    changed = collector.check_padding([WINDOWS], run)
    with collector:
        whole = ("eng", WINDOWS, [range(len(WINDOWS.ids))])
        return collector.collect_together([whole], run)[0].statistics, changed


def measured(folder: Path) -> tuple[Layout, float]:
    """The layout, and by which share padding changes the numbers; all ways to run must give the same ones.

    Raises
    ------
    UserError
        If the model is refused.
    """
    with one_thread():
        whole = opened(folder, "one-pass")
        layout = find_layout(whole.model.network, [5, 6, 7, 8], runner(whole.model))
        alone, _ = collected(whole, layout, 1)
        together, changed = collected(whole, layout, 8)
        streamed = opened(folder, "sequential")
        assert find_layout(streamed.model.network, [5, 6, 7, 8], runner(streamed.model)) == layout
        in_parts, _ = collected(streamed, layout, 8)
    for found in (together, in_parts):
        assert list(found.inputs) == list(alone.inputs)
        for name, expected in alone.inputs.items():
            for field in ("gram_diagonal", "inverse_diagonal", "cholesky_diagonal"):
                values = getattr(found.inputs[name], field)
                np.testing.assert_allclose(values, getattr(expected, field), rtol=1e-5, err_msg=f"{name} {field}")
    return layout, changed


@pytest.mark.parametrize("architecture", RUN)
def test_an_architecture_runs_and_agrees_with_itself(architecture: str, tmp_path: Path):
    layout, changed = measured(save_small(architecture, tmp_path / "model"))
    assert bool(changed) == RUN[architecture]
    assert {matrix.calls for matrix in layout.matrices} == {(0, 1) if architecture == "albert" else (0,)}


@pytest.mark.parametrize("architecture", REFUSED)
def test_an_architecture_is_refused_with_the_reason(architecture: str, tmp_path: Path):
    with pytest.raises(UserError) as caught:
        measured(save_small(architecture, tmp_path / "model"))
    assert re.search(REFUSED[architecture], str(caught.value).replace("\n", " "))
    assert ("mixture" in str(caught.value)) == (architecture == "mixtral")


@pytest.mark.architectures
@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_every_architecture_runs_or_is_refused(architecture: str, tmp_path: Path):
    try:
        if not reads_text(architecture):
            pytest.skip("no vocabulary")
        folder = save_small(architecture, tmp_path / "model")
    except Exception as failure:  # whatever transformers raises where small sizes do not go together
        pytest.skip(f"cannot be built small: {failure}")
    try:
        measured(folder)
    except UserError as refusal:
        assert any(re.search(reason, refusal.message) for reason in REASONS), refusal
        if "mixture" in refusal.hint:
            assert re.search("expert|moe", (folder / "config.json").read_text(), re.I)
