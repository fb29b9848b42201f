from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import torch
from tiny_models import ENCODERS, save
from torch import nn
from transformers import AutoModelForCausalLM

from langgeo_core.api import UserError
from langgeo_hf.folder import FolderModel
from langgeo_hf.options import FolderOptions

DECODERS = ["llama", "mistral", "qwen2", "gemma3_text", "gpt2"]
IDS = torch.tensor([[1, 3, 7, 9, 4]])


def model(folder: Path) -> FolderModel:
    return FolderModel(FolderOptions(path=str(folder)))


def linear_names(network: nn.Module) -> list[str]:
    kinds = {"Linear", "Conv1D"}
    return [name for name, module in network.named_modules() if type(module).__name__ in kinds]


@pytest.mark.parametrize("family", DECODERS)
def test_logits_are_those_of_transformers(family: str, tmp_path: Path):
    folder = save(tmp_path / family, family)
    loaded = model(folder).load_causal("float32")
    expected = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
    with torch.inference_mode():
        logits = loaded.causal(input_ids=IDS, attention_mask=torch.ones_like(IDS)).logits
        assert torch.equal(logits, expected(input_ids=IDS).logits)
    assert logits.shape == (1, 5, 64)
    assert logits.std() > 0


@pytest.mark.parametrize("family", DECODERS)
def test_the_head_runs_the_network_whose_layers_are_named_as_without_it(family: str, tmp_path: Path):
    folder = save(tmp_path / family, family)
    loaded, headless = model(folder).load_causal("float64"), model(folder).load("float64")
    assert linear_names(loaded.network) == linear_names(headless.network) != []
    assert {id(module) for module in loaded.network.modules()} < {id(module) for module in loaded.causal.modules()}
    assert (loaded.bos, loaded.pad, loaded.encode("w3")) == (headless.bos, headless.pad, headless.encode("w3"))
    seen: list[torch.Tensor] = []
    loaded.network.register_forward_hook(lambda module, arguments, output: seen.append(output.last_hidden_state))
    with torch.inference_mode():
        loaded.causal(input_ids=IDS, attention_mask=torch.ones_like(IDS))
        expected = headless.network(input_ids=IDS, attention_mask=torch.ones_like(IDS)).last_hidden_state
    assert torch.equal(seen[0], expected)


def test_gradients_reach_every_layer(tmp_path: Path):
    loaded = model(save(tmp_path / "llama")).load_causal("float32")
    loaded.causal(input_ids=IDS, attention_mask=torch.ones_like(IDS)).logits.sum().backward()
    assert all(loaded.network.get_submodule(name).weight.grad is not None for name in linear_names(loaded.network))


def test_a_table_of_embeddings_may_be_the_head_even_of_a_network_saved_without_one(tmp_path: Path):
    folder = save(tmp_path / "bare", "gemma3_text", head=False)
    loaded = model(folder).load_causal("float32")
    assert loaded.causal.get_output_embeddings().weight is loaded.network.embed_tokens.weight


def test_a_checkpoint_without_a_head_is_refused(tmp_path: Path):
    with pytest.raises(UserError, match=r"has no output head: it lacks lm_head\.weight"):
        model(save(tmp_path / "bare", head=False)).load_causal("float32")


def test_a_checkpoint_that_lacks_other_weights_is_refused(tmp_path: Path):
    from safetensors.torch import load_file, save_file

    folder = save(tmp_path / "llama")
    tensors = load_file(folder / "model.safetensors")
    del tensors["model.layers.1.mlp.up_proj.weight"]
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(UserError, match=r"lacks 1 weights of the network: model\.layers\.1\.mlp"):
        model(folder).load_causal("float32")


@pytest.mark.parametrize("family", ENCODERS)
def test_encoders_are_refused(family: str, tmp_path: Path):
    with pytest.raises(UserError, match=f"type {family}, which does not predict the next token"):
        model(save(tmp_path / family, family)).load_causal("float32")


def test_the_tokenizer_needs_no_weights(tmp_path: Path):
    folder = save(tmp_path / "llama")
    (folder / "model.safetensors").write_bytes(b"not read")
    assert model(folder).tokenizer().encode("w3 w7 unheard w9") == [3, 7, 2, 9]


def test_a_folder_without_tokenizer_or_model_is_told(tmp_path: Path):
    folder = save(tmp_path / "llama")
    for file in folder.glob("tokenizer*"):
        file.unlink()
    with pytest.raises(UserError, match="transformers cannot load"):
        model(folder).tokenizer()
    shutil.rmtree(folder)
    for call in (lambda: model(folder).tokenizer(), lambda: model(folder).load_causal("float32")):
        with pytest.raises(UserError, match="is not a model folder"):
            call()


def test_a_decoder_whose_tokens_see_later_ones_is_refused(tmp_path: Path):
    folder = save(tmp_path / "gemma", "gemma3_text")
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | {"use_bidirectional_attention": True}))
    with pytest.raises(UserError, match="tokens of Gemma3ForCausalLM see later ones"):
        model(folder).load_causal("float32")
