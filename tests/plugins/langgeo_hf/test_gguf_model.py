from __future__ import annotations

import errno
import hashlib
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from tiny_gguf import write_gguf
from tiny_models import save

from langgeo_core.api import MissingPackageError, StorageError, UserError
from langgeo_core.calibration.inputs import find_layout
from langgeo_hf import gguf
from langgeo_hf.folder import FolderModel
from langgeo_hf.gguf import converted
from langgeo_hf.model import huggingface_model
from langgeo_hf.options import HuggingFaceOptions

SHA256 = "0" * 64


@pytest.fixture(autouse=True)
def own_cache(cache: Path) -> None:
    """Converted weights go to a cache of the test's own."""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    write_gguf(tmp_path / "tiny.gguf")
    return tmp_path / "tiny.gguf"


def model(file: Path, **options: str) -> FolderModel:
    return huggingface_model(HuggingFaceOptions(file=str(file), **options))


def test_identity_is_the_checksum_of_the_file_and_converts_nothing(file: Path, cache: Path):
    identity = model(file, revision="of today", licence="MIT").identity()
    assert identity.weights_sha256 == hashlib.sha256(file.read_bytes()).hexdigest()
    assert (identity.name, identity.revision, identity.licence) == ("tiny", "of today", "MIT")
    assert model(file).identity().revision == "unpinned"
    model(file).check()
    assert not list(cache.rglob("*.safetensors"))


def test_a_small_file_is_converted_whole(tmp_path: Path):
    written = write_gguf(tmp_path / "tiny.gguf")
    loaded, reader = model(tmp_path / "tiny.gguf").load("float32"), model(tmp_path / "tiny.gguf").weights()
    assert (loaded.bos, loaded.pad) == (2, 0)
    assert loaded.encode("one two")
    np.testing.assert_array_equal(reader.read("layers.1.mlp.down_proj"), written["1.ffn_down"])
    np.testing.assert_array_equal(reader.read("layers.0.mlp.gate_proj"), written["0.ffn_gate"])
    np.testing.assert_array_equal(reader.read("layers.0.self_attn.o_proj"), written["0.attn_output"])
    for matrix in find_layout(loaded.network, [4] * 4).matrices:
        expected = loaded.network.get_submodule(matrix.name).weight.detach().numpy()
        np.testing.assert_array_equal(reader.read(matrix.name), expected)
    assert {parameter.dtype for parameter in loaded.network.parameters()} == {torch.float32}


def test_the_table_of_embeddings_is_the_head(file: Path):
    causal = model(file).load_causal("float32")
    assert causal.causal.get_output_embeddings().weight is causal.network.embed_tokens.weight


def test_a_head_of_its_own_comes_along(tmp_path: Path):
    written = write_gguf(tmp_path / "headed.gguf", head=True)
    causal = model(tmp_path / "headed.gguf").load_causal("float32")
    head = causal.causal.get_output_embeddings().weight.detach().numpy()
    np.testing.assert_array_equal(head, written["output"])
    assert model(tmp_path / "headed.gguf").weights().read("layers.0.mlp.up_proj").shape == (24, 16)


def test_what_lies_beside_the_file_is_not_read(file: Path):
    save(file.parent / "llama")
    for beside in (file.parent / "llama").iterdir():
        shutil.copy(beside, file.parent)
    assert type(model(file).load("float32").network).__name__ == "Gemma3TextModel"


def test_a_file_is_converted_once_and_half_a_conversion_replaced(file: Path, monkeypatch: pytest.MonkeyPatch):
    made: list[Path] = []

    def write(source: Path, target: Path) -> None:
        target.mkdir()
        (target / "model.safetensors").touch()
        made.append(source)

    monkeypatch.setattr(gguf, "_write_safetensors", write)
    folder = converted("tiny", SHA256, lambda scratch: file)
    assert converted("tiny", SHA256, lambda scratch: pytest.fail("asked for the file again")) == folder
    assert [source.name for source in made] == ["tiny.gguf"]
    (folder / "complete").unlink()
    (folder / "rest of another").touch()
    converted("tiny", SHA256, lambda scratch: file)
    assert len(made) == 2
    assert sorted(path.name for path in folder.iterdir()) == ["complete", "model.safetensors"]
    assert file.is_file()


def test_an_interrupted_conversion_leaves_nothing_behind(file: Path, cache: Path, monkeypatch: pytest.MonkeyPatch):
    def interrupted(source: Path, target: Path) -> None:
        target.mkdir()
        raise KeyboardInterrupt

    monkeypatch.setattr(gguf, "_write_safetensors", interrupted)
    with pytest.raises(KeyboardInterrupt):
        converted("tiny", SHA256, lambda scratch: file)
    assert list((cache / "models").iterdir()) == []


def test_a_full_disk_leaves_nothing_behind(file: Path, cache: Path, monkeypatch: pytest.MonkeyPatch):
    def full(source: Path, target: Path) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", str(target))

    monkeypatch.setattr(gguf, "_write_safetensors", full)
    with pytest.raises(StorageError, match="No space left on device") as caught:
        converted("tiny", SHA256, lambda scratch: file)
    assert "LANGGEO_CACHE" in caught.value.hint
    assert list((cache / "models").iterdir()) == []


def test_without_what_reads_gguf_it_says_what_to_install(file: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(gguf, "find_spec", lambda name: None)
    model(file).identity()
    with pytest.raises(MissingPackageError, match="gguf and accelerate") as caught:
        model(file).load("float32")
    assert "pip install gguf accelerate" in caught.value.hint


def test_a_file_that_is_not_there_or_is_no_gguf(tmp_path: Path, cache: Path):
    for call in (model(tmp_path / "absent.gguf").check, model(tmp_path / "absent.gguf").identity):
        with pytest.raises(UserError, match=r"absent\.gguf does not exist"):
            call()
    (tmp_path / "other.gguf").write_bytes(b"something else altogether")
    with pytest.raises(UserError, match=r"cannot read other\.gguf"):
        model(tmp_path / "other.gguf").weights()
    assert not list((cache / "models").glob("other*"))
