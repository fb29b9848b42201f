from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file
from tiny_models import ENCODERS, one_thread, random_windows, save

from langgeo_core.api import CellStatistics, UserError
from langgeo_core.calibration.collect import Collector
from langgeo_core.calibration.inputs import find_layout
from langgeo_core.calibration.windows import Windows
from langgeo_hf.folder import FolderModel
from langgeo_hf.network import Transformer
from langgeo_hf.options import FolderOptions

DECODERS = ("llama", "mistral", "qwen2", "qwen3", "gemma3_text", "gemma3", "gpt2")
FAMILIES = (*DECODERS, *ENCODERS)
WINDOWS = random_windows(3, 20, 20, 20, 13, 7)


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A checkpoint with its head of each family; not to be changed."""
    root = tmp_path_factory.mktemp("families")
    return {family: save(root / family, family) for family in FAMILIES}


def model(folder: Path) -> FolderModel:
    return FolderModel(FolderOptions(path=str(folder)))


def statistics(loaded: Transformer, batch: int, windows: Windows = WINDOWS, bos: bool = True) -> CellStatistics:
    layout = find_layout(loaded.network, [3] * 4)
    with one_thread(), Collector(loaded, layout, batch, bos, 0.01) as collector:
        return collector.collect("eng", windows).statistics


@pytest.mark.parametrize("family", FAMILIES)
def test_the_layout_is_every_linear_layer_of_the_blocks_that_read_text(family: str, folders: dict[str, Path]):
    layout = find_layout(model(folders[family]).load("float32").network, [3] * 4)
    assert {matrix.layer for matrix in layout.matrices} == {0, 1}
    a_block = {"gpt2": 4, "bert": 6, "xlm-roberta": 6}.get(family, 7)
    assert len(layout.matrices) == 2 * a_block
    assert len(layout.inputs) == 2 * 4
    assert {columns for columns in layout.inputs.values()} == {16, 24}
    assert not [matrix.name for matrix in layout.matrices if "vision" in matrix.name or "pooler" in matrix.name]


@pytest.mark.parametrize("family", FAMILIES)
def test_weights_read_alone_are_those_of_the_network(family: str, folders: dict[str, Path]):
    loaded, reader = model(folders[family]).load("float32"), model(folders[family]).weights()
    for matrix in find_layout(loaded.network, [3] * 4).matrices:
        expected = loaded.network.get_submodule(matrix.name).weight.detach().numpy()
        np.testing.assert_array_equal(reader.read(matrix.name), expected.T if family == "gpt2" else expected)


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("batch", [3, 8])
def test_neither_batch_nor_padding_matters(family: str, batch: int, folders: dict[str, Path]):
    loaded = model(folders[family]).load("float64")
    alone, together = statistics(loaded, 1), statistics(loaded, batch)
    assert alone.tokens == together.tokens == WINDOWS.tokens
    for name, expected in alone.inputs.items():
        for field in ("gram_diagonal", "inverse_diagonal", "cholesky_diagonal"):
            values = getattr(together.inputs[name], field)
            assert np.isfinite(values).all()
            assert values.max() > 0
            np.testing.assert_allclose(values, getattr(expected, field), rtol=1e-9, atol=1e-15)


@pytest.mark.parametrize("family", ENCODERS)
def test_an_encoders_windows_stand_between_special_tokens_that_are_not_measured(family: str, folders: dict[str, Path]):
    loaded = model(folders[family]).load("float64")
    assert (loaded.bos, loaded.sep, loaded.pad) == (1, 63, 0)
    window = WINDOWS.ids[0]
    seen: dict[str, torch.Tensor] = {}
    first = find_layout(loaded.network, [3] * 4).matrices[0].name
    hook = loaded.network.get_submodule(first).register_forward_pre_hook(lambda _, given: seen.update(x=given[0]))
    with torch.inference_mode():
        ids = torch.tensor([[1, *window, 63]])
        loaded.network(input_ids=ids, attention_mask=torch.ones_like(ids))
    hook.remove()
    expected = (seen["x"][0, 1:-1].square().sum(0) / len(window)).numpy()
    np.testing.assert_allclose(
        statistics(loaded, 1, Windows((window,))).inputs[first].gram_diagonal, expected, rtol=1e-12
    )


@pytest.mark.parametrize("family", FAMILIES)
def test_only_an_encoder_lets_a_token_see_those_after_it(family: str, folders: dict[str, Path]):
    loaded = model(folders[family]).load("float64")
    ids = torch.tensor([[1, 5, 6, 7, 8], [1, 5, 6, 7, 9]])
    with torch.inference_mode():
        states = loaded.network(input_ids=ids, attention_mask=torch.ones_like(ids)).last_hidden_state
    assert (loaded.sep is not None) == (family in ENCODERS)
    assert torch.allclose(states[0, :4], states[1, :4], rtol=1e-12) == (family not in ENCODERS)


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("attention", ["sdpa", "eager"])
def test_attention_is_computed_as_asked(family: str, attention: str, folders: dict[str, Path]):
    loaded = FolderModel(FolderOptions(path=str(folders[family]), attention=attention)).load("float32")
    assert loaded.network.config._attn_implementation == attention


@pytest.mark.parametrize(("family", "longest"), [("bert", 40), ("xlm-roberta", 40), ("llama", 128), ("gpt2", 128)])
def test_a_window_longer_than_the_model_was_made_for_is_refused(family: str, longest: int, folders: dict[str, Path]):
    loaded = model(folders[family]).load("float32")
    special = 2 if family in ENCODERS else 1
    assert (
        statistics(loaded, 1, random_windows(0, longest - special, longest - special)).tokens
        == 2 * longest - 2 * special
    )
    with pytest.raises(UserError, match=rf"at most {longest} tokens, .* got {longest + 1}") as caught:
        statistics(loaded, 1, random_windows(0, longest - special + 1))
    assert f"calibration.window to {longest - 2}" in caught.value.hint


def test_the_wrapper_around_gemma_3_gives_its_text_tower(folders: dict[str, Path], tmp_path: Path):
    names = load_file(folders["gemma3"] / "model.safetensors")
    assert any(name.startswith("vision_tower.") for name in names)
    assert any(name.startswith("language_model.model.layers.0.") for name in names)
    wrapped = model(folders["gemma3"])
    loaded, causal = wrapped.load("float32"), wrapped.load_causal("float32")
    assert type(loaded.network).__name__ == type(causal.network).__name__ == "Gemma3TextModel"
    layouts = [find_layout(network, [3] * 4) for network in (loaded.network, causal.network)]
    assert layouts[0] == layouts[1] == find_layout(model(folders["gemma3_text"]).load("float32").network, [3] * 4)
    ids = torch.tensor([[1, 5, 6]])
    assert causal.causal(input_ids=ids, attention_mask=torch.ones_like(ids)).logits.shape == (1, 3, 64)


def test_a_wrapper_saved_under_other_names_is_read_as_well(folders: dict[str, Path], tmp_path: Path):
    import shutil

    from safetensors.numpy import save_file

    folder = Path(shutil.copytree(folders["gemma3"], tmp_path / "renamed"))
    tensors = load_file(folder / "model.safetensors")
    renamed = {
        name.replace("language_model.model.", "model.language_model.").replace(
            "vision_tower.", "model.vision_tower."
        ): values
        for name, values in tensors.items()
    }
    save_file(renamed, folder / "model.safetensors", metadata={"format": "pt"})
    name = "layers.1.self_attn.q_proj"
    np.testing.assert_array_equal(model(folder).weights().read(name), model(folders["gemma3"]).weights().read(name))


def test_experts_are_refused_with_a_reason(tmp_path: Path):
    loaded = model(save(tmp_path / "mixtral", "mixtral")).load("float32")
    with pytest.raises(UserError) as caught:
        find_layout(loaded.network, [3] * 4)
    assert "mixture-of-experts layers are not supported" in caught.value.hint


def test_an_encoder_with_a_decoder_is_refused(folders: dict[str, Path], tmp_path: Path):
    import json
    import shutil

    folder = Path(shutil.copytree(folders["llama"], tmp_path / "bart"))
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | {"model_type": "bart", "is_encoder_decoder": True}))
    with pytest.raises(UserError, match=r"an encoder-decoder model \(bart\)"):
        model(folder).load("float32")
