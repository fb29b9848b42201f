"""Which number format `calibration.dtype=auto` is."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import sleep

import pytest
import torch

from langgeo_core.config.schema import CalibrationSettings
from langgeo_core.system import processor


@pytest.fixture(autouse=True)
def _fresh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANGGEO_CACHE", str(tmp_path))
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    processor.number_format.cache_clear()
    yield
    processor.number_format.cache_clear()


def _measured(monkeypatch: pytest.MonkeyPatch, able: dict[str, object], ratio: float) -> list[torch.dtype]:
    """The formats that are measured from now on."""
    seen: list[torch.dtype] = []

    def seconds(dtype: torch.dtype) -> float:
        seen.append(dtype)
        return ratio if dtype == torch.float32 else 1.0

    monkeypatch.setattr(processor, "capabilities", lambda: able)
    monkeypatch.setattr(processor, "_seconds", seconds)
    return seen


@pytest.mark.parametrize(("ratio", "expected"), [(1.4, "float32"), (6.0, "bfloat16")])
def test_a_processor_with_bfloat16_is_measured_once(
    ratio: float, expected: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    seen = _measured(monkeypatch, {"amx_bf16": True, "cpu_name": "X"}, ratio)
    assert CalibrationSettings(dtype="auto").dtype == expected
    assert len(seen) == 2
    _measured(monkeypatch, {"amx_bf16": True, "cpu_name": "X"}, 1 / ratio)
    processor.number_format.cache_clear()  # another process, whose cache folder may be read-only
    monkeypatch.setattr(processor, "locking", None)
    assert CalibrationSettings(dtype="auto").dtype == expected
    assert [file.suffix for file in tmp_path.iterdir()] == [".txt"]


def test_two_that_measure_at_once_agree(monkeypatch: pytest.MonkeyPatch):
    seen = _measured(monkeypatch, {"amx_bf16": True, "cpu_name": "X"}, 1.4)
    measured, ratios = processor._seconds, iter([1.4, 1.0, 6.0, 1.0])

    def slowly(dtype: torch.dtype) -> float:
        measured(dtype)
        sleep(0.2)
        return next(ratios)

    monkeypatch.setattr(processor, "_seconds", slowly)
    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(processor.number_format.__wrapped__, ["cpu", "cpu"]))
    assert found == ["float32", "float32"] and len(seen) == 2


def test_what_is_kept_is_of_this_processor(monkeypatch: pytest.MonkeyPatch):
    _measured(monkeypatch, {"bf16": True, "cpu_name": "X"}, 6.0)
    assert processor.number_format("cpu") == "bfloat16"
    seen = _measured(monkeypatch, {"bf16": True, "cpu_name": "Y"}, 1.0)
    processor.number_format.cache_clear()
    assert processor.number_format("cpu") == "float32"
    assert seen


def test_a_processor_without_bfloat16_is_not_measured(monkeypatch: pytest.MonkeyPatch):
    seen = _measured(monkeypatch, {"avx512_f": True, "amx_bf16": False}, 6.0)
    assert CalibrationSettings(dtype="auto").dtype == "float32"
    assert not seen


def test_a_card_is_not_measured(monkeypatch: pytest.MonkeyPatch):
    seen = _measured(monkeypatch, {}, 1.0)
    assert CalibrationSettings(dtype="auto", device="cuda:0").dtype == "bfloat16"
    assert CalibrationSettings(dtype="auto", device="cpu").dtype == "float32"
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    processor.number_format.cache_clear()
    assert CalibrationSettings(dtype="auto").dtype == "bfloat16"
    assert not seen
