"""What a folder of weights may hold: read the same by every reader, or refused by name before anything is computed."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file
from tiny_gguf import write_gguf
from tiny_models import save
from torch import nn
from transformers import AutoConfig, AutoModel, AutoModelForImageTextToText

from langgeo_core.api import LanggeoError, UserError
from langgeo_core.calibration.inputs import block_paths, find_layout
from langgeo_hf.folder import FolderModel
from langgeo_hf.model import huggingface_model
from langgeo_hf.options import HuggingFaceOptions

LAST = "model.layers.1.mlp.down_proj.weight"
Tensors = dict[str, torch.Tensor]


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Llama with its head, as one file; not to be changed."""
    return save(tmp_path_factory.mktemp("saved") / "tiny-llama")


@pytest.fixture
def copy(saved: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(saved, tmp_path / "copy"))


def model(path: Path) -> FolderModel:
    return huggingface_model(HuggingFaceOptions(**{"file" if path.suffix == ".gguf" else "path": str(path)}))


def change(folder: Path, edit: Callable[[Tensors], Any]) -> Path:
    tensors = load_file(folder / "model.safetensors")
    edit(tensors)
    whole = {name: values.clone(memory_format=torch.contiguous_format) for name, values in tensors.items()}
    save_file(whole, folder / "model.safetensors", metadata={"format": "pt"})
    return folder


def configure(folder: Path, **values: Any) -> Path:
    file = folder / "config.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | values))
    return folder


def refused(path: Path, also: tuple[str, ...] = ()) -> str:
    """The message that every reader of the weights gives; `also` are methods besides."""
    found = set()
    for call in ("load", "load_streamed", "weights", *also):
        with pytest.raises(LanggeoError) as caught:
            loaded = getattr(model(path), call)(*["float32"] * call.startswith("load"))
            for block in block_paths(loaded.network) if call == "load_streamed" else ():
                loaded.block(block)
            for matrix in ("layers.0.mlp.up_proj", "layers.1.mlp.down_proj") if call == "weights" else ():
                loaded.read(matrix)
        found.add(caught.value.message)
    (message,) = found
    return message


def assert_one_reader(path: Path) -> Mapping[str, np.ndarray]:
    """The linear layers, the same in one pass, a block at a time, and for scores."""
    whole, streamed, reader = model(path).load("float32"), model(path).load_streamed("float32"), model(path).weights()
    blocks = {block: streamed.block(block) for block in block_paths(streamed.network)}
    matrices = find_layout(whole.network, whole.encode("one two w3 w4") or [3] * 4).matrices
    found = {}
    for matrix in matrices:
        layer = whole.network.get_submodule(matrix.name)
        values = layer.weight.detach()
        block = next(block for block in blocks if matrix.name.startswith(f"{block}."))
        assert torch.equal(blocks[block][f"{matrix.name.removeprefix(f'{block}.')}.weight"], values)
        found[matrix.name] = reader.read(matrix.name)
        np.testing.assert_array_equal(found[matrix.name], values if isinstance(layer, nn.Linear) else values.T)
    assert {values.dtype for values in whole.network.parameters()} == {torch.float32}
    assert len(found) == len(matrices) > 0
    return found


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32, torch.float16, torch.bfloat16])
def test_every_number_format_is_read_the_same_everywhere(dtype: torch.dtype, copy: Path):
    change(copy, lambda tensors: tensors.update({name: values.to(dtype) for name, values in tensors.items()}))
    stored = load_file(copy / "model.safetensors")
    for name, values in assert_one_reader(copy).items():
        assert stored[f"model.{name}.weight"].dtype is dtype
        np.testing.assert_array_equal(values, stored[f"model.{name}.weight"].float().numpy())


@pytest.mark.parametrize("kind", ["F32", "F16", "BF16", "Q4_1", "Q8_0", "Q4_K", "Q6_K"])
def test_every_format_of_the_starters_is_read_the_same_everywhere(kind: str, tmp_path: Path, cache: Path):
    stored = dict.fromkeys(("attn_q", "ffn_up"), kind)
    written = write_gguf(tmp_path / "tiny.gguf", size=256 if kind.endswith("_K") else 32, stored=stored)
    found = assert_one_reader(tmp_path / "tiny.gguf")
    np.testing.assert_array_equal(found["layers.1.mlp.up_proj"], written["1.ffn_up"])
    np.testing.assert_array_equal(found["layers.0.self_attn.q_proj"], written["0.attn_q"])
    assert found["layers.1.mlp.up_proj"].std() > 0


FORMATS = {
    "fp8": {"quant_method": "fp8", "weight_block_size": [128, 128]},
    "gptq": {"quant_method": "gptq", "bits": 4},
    "awq": {"quant_method": "awq", "bits": 4},
    "bitsandbytes": {"quant_method": "bitsandbytes", "load_in_4bit": True},
    "compressed-tensors": {"quant_method": "compressed-tensors", "format": "float-quantized"},
    "torchao": {"quant_method": "torchao", "quant_type": "int4_weight_only"},
    "hqq": {"quant_method": "hqq"},
    "made-up": {"quant_method": "made-up"},
    "not named": {"bits": 4},
}


@pytest.mark.parametrize("place", ["quantization_config", "compression_config", "text_config"])
@pytest.mark.parametrize("method", FORMATS)
def test_quantised_checkpoints_are_refused_before_they_are_hashed(method: str, place: str, copy: Path):
    inner = {"quantization_config": FORMATS[method]} if place == "text_config" else FORMATS[method]
    configure(copy, **{place: inner})
    for call in (model(copy).check, model(copy).identity):
        with pytest.raises(UserError, match=rf"is quantised \(config.json: \w+, method {method}\)"):
            call()


@pytest.mark.parametrize(
    ("dtype", "name"),
    [(torch.int8, "I8"), (torch.uint8, "U8"), (torch.float8_e4m3fn, "F8_E4M3"), (torch.float8_e5m2, "F8_E5M2")],
)
def test_weights_in_other_formats_are_refused_without_a_word_in_the_configuration(
    dtype: torch.dtype, name: str, copy: Path
):
    change(copy, lambda tensors: tensors.update({LAST: tensors[LAST].to(dtype)}))
    assert f"not supported: {LAST} ({name})" in refused(copy)


def test_scales_beside_weights_are_refused(copy: Path):
    change(copy, lambda tensors: tensors.update({f"{LAST}_scale_inv": torch.ones(1, 1)}))
    assert "has 1 weights that its network does not: layers.1.mlp.down_proj.weight_scale_inv" in refused(copy)


def packed(tensors: Tensors) -> None:
    tensors[LAST.replace("weight", "qweight")] = tensors.pop(LAST).to(torch.int32)


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (lambda tensors: tensors.pop(LAST), "lacks 1 weights of the network: layers.1.mlp.down_proj.weight"),
        (packed, "layers.1.mlp.down_proj.weight; it has layers.1.mlp.down_proj.qweight instead"),
        (lambda tensors: tensors.pop("model.norm.weight"), "lacks 1 weights of the network: norm.weight"),
        (lambda tensors: tensors.pop("model.embed_tokens.weight"), "lacks 1 weights of the network: embed_tokens"),
        (lambda tensors: tensors.update({LAST: tensors[LAST].T}), "down_proj.weight is (24, 16), expected (16, 24)"),
        (
            lambda tensors: tensors.update({LAST: tensors[LAST][:, :8]}),
            "down_proj.weight is (16, 8), expected (16, 24)",
        ),
        (lambda tensors: tensors.update({LAST.removeprefix("model."): tensors[LAST]}), f"{LAST} are both the network"),
        (
            lambda tensors: tensors.update({LAST.replace(".1.", ".2."): tensors[LAST]}),
            "has 1 weights that its network does not: layers.2.mlp.down_proj.weight",
        ),
        (
            lambda tensors: tensors.update({LAST.replace("weight", "bias"): torch.ones(16)}),
            "has 1 weights that its network does not: layers.1.mlp.down_proj.bias",
        ),
    ],
)
def test_tensors_that_do_not_fit_the_network_are_named(edit: Callable[[Tensors], Any], message: str, copy: Path):
    found = refused(change(copy, edit))
    assert message in found
    assert str(copy) in found


@pytest.mark.parametrize(
    "name",
    ["model.layers.0.self_attn.rotary_emb.inv_freq", "model.rotary_emb.inv_freq", "vision.layers.0.mlp.up_proj.weight"],
)
def test_tensors_beside_the_network_or_computed_by_it_do_no_harm(name: str, copy: Path, saved: Path):
    change(copy, lambda tensors: tensors.update({name: torch.ones(4)}))
    for layer, values in assert_one_reader(copy).items():
        np.testing.assert_array_equal(values, model(saved).weights().read(layer))


def test_masks_that_gpt2_stores_do_no_harm(tmp_path: Path):
    folder = save(tmp_path / "gpt2", "gpt2")
    masks = {"transformer.h.0.attn.bias": torch.ones(1, 1, 8, 8), "transformer.h.1.attn.masked_bias": torch.ones(())}
    assert_one_reader(change(folder, lambda tensors: tensors.update(masks)))


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
@pytest.mark.parametrize("name", [LAST, "model.layers.0.input_layernorm.weight"])
def test_a_value_that_is_no_number_is_found_when_it_is_read(name: str, value: float, copy: Path):
    def spoil(tensors: Tensors) -> None:
        tensors[name].view(-1)[7] = value

    change(copy, spoil)
    expected = f"model.safetensors: the tensor {name} holds NaN or infinite values"
    for call in ("load", "load_causal"):
        with pytest.raises(UserError) as caught:
            getattr(model(copy), call)("float64")
        assert expected in caught.value.message
    with pytest.raises(UserError, match="holds NaN or infinite values"):
        [model(copy).load_streamed("float32").block(f"layers.{place}") for place in (0, 1)]
    if name == LAST:
        assert expected in refused(copy)


@pytest.mark.parametrize("dtype", ["float32", "float64", "bfloat16"])
def test_a_value_that_the_scores_cannot_hold_is_refused(dtype: str, copy: Path):
    def spoil(tensors: Tensors) -> None:
        tensors[LAST] = tensors[LAST].double()
        tensors[LAST][3, 4] = 1e300

    change(copy, spoil)
    with pytest.raises(UserError, match=rf"{LAST} holds values too large for float32"):
        model(copy).load(dtype)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n", "is a pointer of Git LFS"),
        (b"\n<!DOCTYPE html><html></html>", "is a web page"),
        (b"\xff" * 100, "is not a whole safetensors file"),
        (b"{}", "is not a whole safetensors file"),
    ],
)
@pytest.mark.parametrize("shards", [False, True])
def test_what_is_no_safetensors_file_is_named(content: bytes, message: str, shards: bool, copy: Path, tmp_path: Path):
    folder = save(tmp_path / "sharded", shard="6KB") if shards else copy
    file = sorted(folder.glob("model*.safetensors"))[-1]
    file.write_bytes(content)
    assert f"{file} {message}" in refused(folder, ("check", "identity"))
    assert model(folder).tokenizer().encode("w3") == [3]


@pytest.mark.parametrize("share", [0.0001, 0.01, 0.5, 0.999])
def test_a_file_that_is_cut_off_is_named(share: float, copy: Path):
    file = copy / "model.safetensors"
    file.write_bytes(file.read_bytes()[: int(file.stat().st_size * share)])
    assert str(file) in refused(copy, ("check", "identity"))


@pytest.mark.parametrize(
    "listed",
    ["../other/model.safetensors", "/etc/passwd", "..", "sub/model.safetensors", "model.bin", "", 7, None, ["a"]],
)
def test_an_index_reaches_nothing_outside_its_folder(listed: Any, tmp_path: Path):
    folder = save(tmp_path / "sharded", shard="6KB")
    index = folder / "model.safetensors.index.json"
    content = json.loads(index.read_text())
    content["weight_map"][LAST] = listed
    index.write_text(json.dumps(content))
    assert f"lists {listed!r}, which is no safetensors file in this folder" in refused(folder, ("check", "identity"))


@pytest.mark.parametrize("content", ["[]", "{", '{"weight_map": []}', '{"weight_map": {}}', "7", "[" * 100_000, "\0"])
def test_an_index_of_something_else_is_refused(content: str, tmp_path: Path):
    folder = save(tmp_path / "sharded", shard="6KB")
    (folder / "model.safetensors.index.json").write_text(content)
    assert "model.safetensors.index.json" in refused(folder, ("check", "identity"))


def test_a_tensor_in_two_files_is_refused(tmp_path: Path):
    folder = save(tmp_path / "sharded", shard="6KB")
    one, other = sorted(folder.glob("model-*.safetensors"))[:2]
    save_file(load_file(one) | load_file(other), other)
    assert f"is both in {one.name} and in {other.name}" in refused(folder, ("check", "identity"))


@pytest.mark.parametrize(
    "values",
    [
        {"rope_parameters": {"rope_type": "yarn2", "rope_theta": 1.0}},
        {"hidden_act": "no-such-function"},
        {"num_attention_heads": 0},
        {"hidden_size": "many"},
        {"num_hidden_layers": -1},
        {"model_type": "no-such-model"},
    ],
)
def test_a_configuration_that_transformers_cannot_build_is_refused(values: dict[str, Any], copy: Path):
    assert str(copy) in refused(configure(copy, **values))


@pytest.mark.parametrize("value", [2**63, 20_000, 1e300])
@pytest.mark.parametrize("inner", [False, True])
def test_a_number_of_layers_out_of_all_bounds_is_refused_before_any_is_built(value: float, inner: bool, copy: Path):
    layers = {"num_hidden_layers": value}
    text = refused(configure(copy, **({"text_config": layers} if inner else layers)))
    assert "config.json: num_hidden_layers is" in text and "no network has so many" in text


def test_a_tokenizer_that_fails_at_texts_is_named(copy: Path):
    file = copy / "tokenizer_config.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | {"model_max_length": "many"}))
    with pytest.raises(UserError, match=r"the tokenizer in .* fails at a text: TypeError: '>' not supported"):
        model(copy).tokenizer().encode("w5")


@pytest.mark.parametrize("values", [{"intermediate_size": 32}, {"vocab_size": 60}, {"num_key_value_heads": 2}])
def test_a_configuration_of_another_size_is_refused(values: dict[str, Any], copy: Path):
    assert "config.json and weights disagree on" in refused(configure(copy, **values))


@pytest.mark.parametrize("layers", [1, 3])
def test_a_configuration_of_other_layers_is_refused(layers: int, copy: Path):
    assert "weights" in refused(configure(copy, num_hidden_layers=layers))


def fewer_tokens(tensors: Tensors) -> None:
    tensors["model.embed_tokens.weight"] = tensors["model.embed_tokens.weight"][:40]


def test_a_token_that_the_network_does_not_embed_is_refused(copy: Path):
    configure(change(copy, fewer_tokens), vocab_size=40)
    for call in (model(copy).tokenizer, lambda: model(copy).load("float32")):
        with pytest.raises(UserError, match=r"gives token 63 \('w63'\), and the network has embeddings for 40 tokens"):
            call()


def test_a_special_token_may_lack_an_embedding_until_it_is_used(copy: Path):
    written = json.loads((copy / "tokenizer.json").read_text())
    added = {"id": 64, "content": "<image>", "special": True, "normalized": False}
    written["added_tokens"].append(added | dict.fromkeys(("single_word", "lstrip", "rstrip"), False))
    (copy / "tokenizer.json").write_text(json.dumps(written))
    for encoder in (model(copy).tokenizer(), model(copy).load("float32")):
        assert encoder.encode("w39") == [39]
        with pytest.raises(UserError, match=r"gives token 64 \('<image>'\)"):
            encoder.encode("w5 <image>")
    settings = copy / "tokenizer_config.json"
    before = json.loads(settings.read_text())
    settings.write_text(json.dumps(before | {"pad_token": "<image>"}))
    assert model(copy).load("float32").pad == 0
    settings.write_text(json.dumps(before | {"bos_token": "<image>"}))
    with pytest.raises(UserError, match="gives token 64"):
        model(copy).load("float32")


def test_an_adapter_beside_the_weights_is_refused(copy: Path):
    (copy / "adapter_config.json").write_text("{}")
    with pytest.raises(UserError, match="has an adapter"):
        model(copy).identity()


@pytest.mark.parametrize("name", ["model.safetensors", "config.json", "tokenizer.json"])
def test_a_folder_that_changes_after_it_was_identified_is_refused(name: str, copy: Path):
    loaded = model(copy)
    loaded.identity()
    assert loaded.load("float32")
    if name == "model.safetensors":
        change(copy, lambda tensors: tensors[LAST].neg_())
    else:
        (copy / name).write_text((copy / name).read_text() + "\n")
    for call in (lambda: loaded.load("float32"), loaded.weights, lambda: loaded.load_streamed("float32")):
        with pytest.raises(UserError, match="has changed since the run began"):
            call()


def test_weights_that_change_while_they_are_in_use_are_refused(copy: Path):
    reader, streamed, whole = model(copy).weights(), model(copy).load_streamed("float32"), model(copy).load("float32")
    before = whole.network.get_submodule("layers.1.mlp.down_proj").weight.clone()
    change(copy, lambda tensors: tensors[LAST].neg_())
    for call in (lambda: reader.read("layers.1.mlp.down_proj"), lambda: streamed.block("layers.1")):
        with pytest.raises(LanggeoError, match="has changed since it was opened"):
            call()
    assert torch.equal(whole.network.get_submodule("layers.1.mlp.down_proj").weight, before)


@pytest.mark.parametrize("prefix", ["model.layers.", "model.language_model.layers."])
def test_a_model_that_reads_pictures_may_name_its_text_part_in_two_ways(prefix: str, tmp_path: Path):
    text = {"hidden_size": 16, "intermediate_size": 24, "num_hidden_layers": 2, "vocab_size": 64, "bos_token_id": 1}
    text |= {"num_attention_heads": 2, "num_key_value_heads": 2, "eos_token_id": 2, "pad_token_id": 0}
    text |= {"rope_parameters": {"rope_type": "default", "rope_theta": 1e6, "mrope_section": [1, 1, 2]}}
    vision = {"depth": 1, "hidden_size": 16, "intermediate_size": 24, "num_heads": 2, "out_hidden_size": 16}
    config = AutoConfig.for_model("qwen2_5_vl", text_config=text, vision_config=vision)
    built = AutoModelForImageTextToText.from_config(config)
    built.save_pretrained(save(tmp_path / "qwen"))
    expected = built.state_dict()["model.language_model.layers.1.mlp.up_proj.weight"]

    def rename(tensors: Tensors) -> None:
        for name in list(tensors):
            for start in ("model.layers.", "model.language_model.layers."):
                if name.startswith(start):
                    tensors[prefix + name.removeprefix(start)] = tensors.pop(name)

    change(tmp_path / "qwen", rename)
    np.testing.assert_array_equal(assert_one_reader(tmp_path / "qwen")["layers.1.mlp.up_proj"], expected)


def test_stored_matrices_that_transformers_divides_are_divided_everywhere(tmp_path: Path):
    """CLIP's text part apart, few networks for text have these; this one joins the matrices of its experts."""
    folder = save(tmp_path / "mixtral", "mixtral")
    loaded, expected = model(folder).load("float32"), AutoModel.from_pretrained(folder, dtype=torch.float32)
    assert torch.equal(loaded.network.layers[1].mlp.experts.gate_up_proj, expected.layers[1].mlp.experts.gate_up_proj)
    block = model(folder).load_streamed("float32").block("layers.1")
    assert torch.equal(block["mlp.experts.down_proj"], expected.layers[1].mlp.experts.down_proj)
