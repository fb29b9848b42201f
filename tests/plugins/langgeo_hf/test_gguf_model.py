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


def test_a_conversion_shows_no_bar_of_transformers(file: Path, capfd: pytest.CaptureFixture[str]):
    model(file).load("float32")
    assert "GGUF tensors" not in capfd.readouterr().err


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

    def write(file: Path, source: Path, target: Path) -> None:
        save(target)
        made.append(source)

    monkeypatch.setattr(gguf, "_write_safetensors", write)
    folder = converted("tiny", SHA256, lambda scratch: file)
    assert converted("tiny", SHA256, lambda scratch: pytest.fail("asked for the file again")) == folder
    assert [source.name for source in made] == ["tiny.gguf"]
    (folder / "complete").unlink()
    (folder / "rest of another").touch()
    converted("tiny", SHA256, lambda scratch: file)
    assert len(made) == 2
    assert "rest of another" not in [path.name for path in folder.iterdir()]
    assert file.is_file()


@pytest.mark.parametrize("name", ["model.safetensors", "config.json", "tokenizer.json", "complete"])
def test_a_conversion_that_has_changed_on_the_disk_is_made_again(file: Path, name: str, cache: Path):
    before = model(file).weights().read("layers.1.mlp.down_proj")
    (folder,) = (cache / "models").iterdir()
    content = bytearray((folder / name).read_bytes())
    content[-20] ^= 4
    (folder / name).write_bytes(content)
    np.testing.assert_array_equal(model(file).weights().read("layers.1.mlp.down_proj"), before)
    assert model(file).load("float32").encode("one two")


@pytest.mark.parametrize("failure", [KeyboardInterrupt(), OSError(errno.ENOSPC, "No space left on device")])
def test_a_conversion_that_fails_leaves_nothing_behind(
    file: Path, failure: BaseException, cache: Path, monkeypatch: pytest.MonkeyPatch
):
    def fail(file: Path, source: Path, target: Path) -> None:
        (target / "model.safetensors").touch()
        raise failure

    monkeypatch.setattr(gguf, "_write_safetensors", fail)
    with pytest.raises((KeyboardInterrupt, StorageError)) as caught:
        converted("tiny", SHA256, lambda scratch: file)
    assert list((cache / "models").iterdir()) == []
    if isinstance(caught.value, StorageError):
        assert "No space left on device" in caught.value.message
        assert "LANGGEO_CACHE" in caught.value.hint


def test_without_what_reads_gguf_it_says_what_to_install(file: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(gguf, "find_spec", lambda name: None)
    model(file).identity()
    with pytest.raises(MissingPackageError, match="gguf and accelerate") as caught:
        model(file).load("float32")
    assert "pip install gguf accelerate" in caught.value.hint


def refused(file: Path, cache: Path) -> str:
    """Why a GGUF file cannot be used; nothing of it is kept."""
    with pytest.raises(UserError) as caught:
        model(file).weights()
    assert file.name in caught.value.message
    assert not list((cache / "models").glob("*"))
    return caught.value.message


def test_a_file_that_is_not_there_or_is_no_gguf(tmp_path: Path, cache: Path):
    for call in (model(tmp_path / "absent.gguf").check, model(tmp_path / "absent.gguf").identity):
        with pytest.raises(UserError, match=r"absent\.gguf does not exist"):
            call()
    (tmp_path / "other.gguf").write_bytes(b"something else altogether")
    (tmp_path / "empty.gguf").touch()
    assert "is no GGUF file" in refused(tmp_path / "other.gguf", cache)
    assert "is empty" in refused(tmp_path / "empty.gguf", cache)
    with pytest.raises(UserError, match="is no GGUF file"):
        model(tmp_path / "other.gguf").check()


@pytest.mark.parametrize("share", [0.001, 0.01, 0.05, 0.3, 0.6, 0.999])
def test_a_file_that_is_cut_off_is_refused(file: Path, share: float, cache: Path):
    content = file.read_bytes()
    file.write_bytes(content[: max(5, int(len(content) * share))])
    assert "is not a whole GGUF file" in refused(file, cache)


def test_tensors_that_are_missing_are_not_made_up(tmp_path: Path, cache: Path):
    write_gguf(tmp_path / "tiny.gguf", without=("blk.1.ffn_down.weight", "output_norm.weight"))
    assert "lacks 2 weights of the network: layers.1.mlp.down_proj.weight, norm.weight" in refused(
        tmp_path / "tiny.gguf", cache
    )


def test_a_part_of_a_split_file_is_refused(tmp_path: Path, cache: Path):
    write_gguf(tmp_path / "part.gguf", metadata={"split.no": 1, "split.count": 3})
    assert "is part 2 of 3 of a split GGUF file" in refused(tmp_path / "part.gguf", cache)


def test_tensors_that_transformers_leaves_out_are_named(tmp_path: Path, cache: Path):
    write_gguf(tmp_path / "more.gguf", tensors={"blk.2.ffn_down.weight": np.ones((16, 24), np.float32)})
    assert "1 tensors that transformers does not read: blk.2.ffn_down.weight" in refused(tmp_path / "more.gguf", cache)


def test_a_weight_of_another_shape_is_named(tmp_path: Path, cache: Path):
    shaped = {"blk.1.ffn_down.weight": np.ones((16, 32), np.float32)}
    write_gguf(tmp_path / "odd.gguf", without=tuple(shaped), tensors=shaped)
    assert "layers.1.mlp.down_proj.weight" in refused(tmp_path / "odd.gguf", cache)


def test_scaled_rotary_positions_are_refused(tmp_path: Path, cache: Path):
    write_gguf(tmp_path / "a.gguf", tensors={"rope_freqs.weight": np.array([1, 8, 8, 8], np.float32)})
    assert "scales its rotary positions (the tensor rope_freqs.weight)" in refused(tmp_path / "a.gguf", cache)
    write_gguf(tmp_path / "b.gguf", metadata={"gemma3.rope.scaling.type": "yarn"})
    assert "scales its rotary positions (rope.scaling.type yarn)" in refused(tmp_path / "b.gguf", cache)
    write_gguf(tmp_path / "c.gguf", tensors={"rope_freqs.weight": np.ones(4, np.float32)})
    assert model(tmp_path / "c.gguf").weights()


def test_a_weight_that_is_no_number_is_named(tmp_path: Path, cache: Path):
    broken = {"blk.1.ffn_down.weight": np.full((16, 24), np.nan, np.float32)}
    write_gguf(tmp_path / "nan.gguf", without=tuple(broken), tensors=broken)
    assert "layers.1.mlp.down_proj.weight hold NaN or infinite values" in refused(tmp_path / "nan.gguf", cache)
