"""Which stage a change of the config begins with, where a scorer may have cells of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from langgeo_ablation.reuse import take_over
from langgeo_core.api import ResolvedConfig
from langgeo_core.pipeline.run import first_stages
from langgeo_core.planning.plan import statistic_of


@pytest.fixture
def resolved(tiny_config: Path, cache: Path):
    from langgeo_core.api import config_of

    return lambda *overrides: config_of({"registry": None}, str(tiny_config), overrides, None)


def test_which_cells_a_scorer_reads(resolved):
    found = {name: statistic_of(resolved(f"scorer={name}")) for name in ("sparsegpt", "wanda", "fisher", "taylor")}
    assert found == {"sparsegpt": "", "wanda": "", "fisher": "squared-gradient/1", "taylor": "gradient/1"}


@pytest.mark.parametrize(
    ("one", "other", "stage"),
    [
        ("sparsegpt", "wanda", "compare"),
        ("sparsegpt", "fisher", "calibrate"),
        ("fisher", "sparsegpt", "calibrate"),
        ("fisher", "taylor", "calibrate"),
    ],
)
def test_a_scorer_begins_where_its_cells_do(resolved, one: str, other: str, stage: str):
    before, after = resolved(f"scorer={one}"), resolved(f"scorer={other}", "embedder.transform=sqrt")
    assert first_stages(before, after) == {"scorer": stage, "embedder.transform": "embed"}


def test_an_option_of_a_separable_scorer_begins_with_compare(resolved):
    assert first_stages(resolved(), resolved("scorer.diagonal=cholesky")) == {"scorer.diagonal": "compare"}
    assert first_stages(resolved("scorer=fisher"), resolved("scorer=fisher")) == {}


def test_a_run_takes_nothing_over_from_one_with_other_cells(resolved, tmp_path: Path):
    done: dict[Path, ResolvedConfig] = {tmp_path / "fisher": resolved("scorer=fisher")}
    (tmp_path / "fisher").mkdir()
    (tmp_path / "fisher" / "distances.csv").write_text("")
    new = tmp_path / "new"
    assert take_over(resolved("scorer=taylor", "embedder.transform=sqrt"), new, done) == "calibrate"
    assert not new.exists()
    assert take_over(resolved("scorer=fisher", "embedder.transform=sqrt"), new, done) == "embed"
    assert (new / "distances.csv").is_file()
