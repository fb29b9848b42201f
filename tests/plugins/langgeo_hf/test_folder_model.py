import json
import pickle
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file, save_file
from tiny_models import save
from torch import nn

import langgeo_hf
from langgeo_core.api import UserError
from langgeo_core.calibration.inputs import find_layout
from langgeo_hf.folder import FolderModel
from langgeo_hf.network import Transformer
from langgeo_hf.options import FolderOptions


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Llama with its head, as one file; not to be changed."""
    return save(tmp_path_factory.mktemp("saved") / "tiny-llama")


@pytest.fixture
def copy(saved: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(saved, tmp_path / "copy"))


def model(folder: Path, **options: str) -> FolderModel:
    return FolderModel(FolderOptions(path=str(folder), **options))


def sha256(folder: Path) -> str:
    return model(folder).identity().weights_sha256


def edit(file: Path, **changes: object) -> None:
    file.write_text(json.dumps(json.loads(file.read_text()) | changes))


def assert_weights_are_the_networks(folder: Path) -> Transformer:
    loaded, reader = model(folder).load("float32"), model(folder).weights()
    matrices = find_layout(loaded.network, loaded.encode("w3") * 4).matrices
    assert matrices
    for matrix in matrices:
        layer = loaded.network.get_submodule(matrix.name)
        expected = layer.weight.detach().numpy()
        values = reader.read(matrix.name)
        assert values.shape == (matrix.rows, matrix.columns)
        assert values.dtype == np.float32
        assert values.flags.c_contiguous
        np.testing.assert_array_equal(values, expected if isinstance(layer, nn.Linear) else expected.T)
    return loaded


def test_the_plugin_registers_a_record_that_loads(saved: Path):
    (record,) = langgeo_hf.langgeo_models()
    built = record.load("factory")(record.load("options")(path=str(saved)))
    assert record.name == "huggingface"
    assert built.identity() == model(saved).identity()


def test_identity_says_what_it_was_told(saved: Path):
    identity = model(saved, revision="abc", licence="MIT").identity()
    assert (identity.name, identity.revision, identity.licence) == ("tiny-llama", "abc", "MIT")
    assert identity.source == str(saved)
    assert model(saved).identity().revision == "unpinned"


def test_identity_is_of_contents_not_of_places(saved: Path, copy: Path):
    (copy / "README.md").write_text("notes")
    assert sha256(copy) == sha256(saved)


def test_identity_changes_with_a_weight(saved: Path, copy: Path):
    tensors = load_file(copy / "model.safetensors")
    tensors["model.layers.1.mlp.up_proj.weight"][3, 4] += 1
    save_file(tensors, copy / "model.safetensors", metadata={"format": "pt"})
    assert sha256(copy) != sha256(saved)


def test_identity_changes_with_the_tokenizer(saved: Path, copy: Path):
    vocabulary = (copy / "tokenizer.json").read_text()
    (copy / "tokenizer.json").write_text(vocabulary.replace('"w5"', '"w05"'))
    assert sha256(copy) != sha256(saved)


@pytest.mark.parametrize("name", ["config.json", "tokenizer_config.json"])
def test_identity_changes_with_a_configuration(saved: Path, copy: Path, name: str):
    edit(copy / name, something="else")
    assert sha256(copy) != sha256(saved)


@pytest.mark.parametrize("name", ["added_tokens.json", "special_tokens_map.json", "vocab.txt", "spiece.model"])
def test_identity_changes_with_the_other_files_of_a_tokenizer(saved: Path, copy: Path, name: str):
    (copy / name).write_text("{}")
    assert sha256(copy) != sha256(saved)


def test_a_network_loads_without_its_head(saved: Path):
    loaded = assert_weights_are_the_networks(saved)
    assert (loaded.bos, loaded.pad) == (1, 0)
    assert loaded.encode("w3 w7 unheard w9") == [3, 7, 2, 9]
    assert not loaded.network.training
    assert not [name for name, _ in loaded.network.named_modules() if "head" in name]
    ids = torch.tensor([[1, 3, 7]])
    output = loaded.network(input_ids=ids, attention_mask=torch.ones_like(ids))
    assert output.last_hidden_state.shape == (1, 3, 16)
    assert "logits" not in output
    assert "past_key_values" not in output


@pytest.mark.parametrize(
    ("dtype", "expected"),
    [("float32", torch.float32), ("float64", torch.float64), ("bfloat16", torch.bfloat16)],
)
def test_a_network_loads_in_the_type_asked_for(saved: Path, dtype: str, expected: torch.dtype):
    assert {parameter.dtype for parameter in model(saved).load(dtype).network.parameters()} == {expected}


def test_the_first_token_may_be_the_one_for_classes(copy: Path):
    edit(copy / "tokenizer_config.json", bos_token=None, cls_token="<s>")
    assert model(copy).load("float32").bos == 1


def test_weights_of_a_network_saved_without_its_head(tmp_path: Path):
    folder = save(tmp_path / "bare", head=False)
    assert not any(name.startswith("model.") for name in load_file(folder / "model.safetensors"))
    assert_weights_are_the_networks(folder)


def test_weights_of_gpt2_are_transposed(tmp_path: Path):
    assert_weights_are_the_networks(save(tmp_path / "gpt2", "gpt2"))


def test_weights_in_several_files(tmp_path: Path):
    folder = save(tmp_path / "sharded", shard="6KB")
    files = sorted(folder.glob("model-*.safetensors"))
    assert len(files) > 2
    assert_weights_are_the_networks(folder)
    before = sha256(folder)
    save_file({"stray": np.zeros(1, np.float32)}, folder / "consolidated.safetensors")
    assert sha256(folder) == before
    files[1].unlink()
    assert f"lacks 1 of {len(files)} weight files: {files[1].name}" in refused(folder).message


def test_half_precision_weights_are_read_in_single(copy: Path):
    half = {name: torch.tensor(values).bfloat16() for name, values in load_file(copy / "model.safetensors").items()}
    from safetensors.torch import save_file as save_tensors

    save_tensors(half, copy / "model.safetensors", metadata={"format": "pt"})
    name = "layers.0.mlp.down_proj"
    values = model(copy).weights().read(name)
    assert values.dtype == np.float32
    np.testing.assert_array_equal(values, half[f"model.{name}.weight"].float().numpy())


def test_a_layer_that_is_not_there(saved: Path):
    with pytest.raises(UserError, match=r"the network has no layer layers\.9\.mlp\.up_proj"):
        model(saved).weights().read("layers.9.mlp.up_proj")


def refused(folder: Path) -> UserError:
    with pytest.raises(UserError) as caught:
        model(folder).identity()
    with pytest.raises(UserError):
        model(folder).load("float32")
    assert str(folder) in caught.value.message
    assert caught.value.hint
    return caught.value


def test_a_folder_that_is_not_there_or_has_no_configuration(copy: Path, tmp_path: Path):
    assert "no config.json" in refused(tmp_path / "nowhere").message
    (copy / "config.json").unlink()
    assert "no config.json" in refused(copy).message


class Trap:
    """Unpickled, it leaves a file behind."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def __reduce__(self) -> tuple[object, tuple[object, ...]]:
        return Path.touch, (self.file,)


def test_pickled_weights_are_refused_unread(copy: Path, tmp_path: Path):
    (copy / "model.safetensors").unlink()
    (copy / "pytorch_model.bin").write_bytes(pickle.dumps(Trap(tmp_path / "executed")))
    error = refused(copy)
    assert "has no model.safetensors" in error.message
    assert "save_pretrained" in error.hint
    assert not (tmp_path / "executed").exists()


def unloadable(folder: Path) -> str:
    with pytest.raises(UserError) as caught:
        model(folder).load("float32")
    assert str(folder) in caught.value.message
    return caught.value.message


@pytest.mark.parametrize("model_type", ["llama", "homemade"])
def test_code_of_the_folder_never_runs(copy: Path, tmp_path: Path, model_type: str):
    (copy / "trap.py").write_text(f"import pathlib\npathlib.Path({str(tmp_path / 'executed')!r}).touch()\n")
    edit(copy / "config.json", model_type=model_type, auto_map={"AutoConfig": "trap.C", "AutoModel": "trap.M"})
    if model_type == "homemade":
        unloadable(copy)
    else:
        model(copy).load("float32")
    assert not (tmp_path / "executed").exists()


def test_a_model_of_unknown_type_is_refused(copy: Path):
    edit(copy / "config.json", model_type="homemade")
    assert "homemade" in unloadable(copy)


def test_a_folder_without_tokenizer_is_refused(copy: Path):
    for file in copy.glob("tokenizer*"):
        file.unlink()
    unloadable(copy)


def test_weights_that_are_missing_are_not_made_up(copy: Path):
    tensors = load_file(copy / "model.safetensors")
    del tensors["model.layers.1.mlp.up_proj.weight"]
    save_file(tensors, copy / "model.safetensors", metadata={"format": "pt"})
    assert "lacks 1 weights of the network: layers.1.mlp.up_proj.weight" in unloadable(copy)


def test_nothing_is_downloaded(copy: Path, monkeypatch: pytest.MonkeyPatch):
    import socket

    def forbidden(*arguments: object, **options: object) -> None:
        raise AssertionError("a connection was opened")

    monkeypatch.setattr(socket.socket, "connect", forbidden)
    model(copy).load("float32")
    (copy / "tokenizer.json").unlink()
    unloadable(copy)
    unloadable_name = model(Path("meta-llama/Llama-3.2-1B"))
    with pytest.raises(UserError, match="not a model folder"):
        unloadable_name.load("float32")
