import re

import pytest
import torch
from tiny_models import network
from torch import nn

from langgeo_core.api import Layout, UserError, WeightMatrix
from langgeo_core.calibration.inputs import block_linears, find_layout, watched

PROBE = [3, 3, 3, 3]
GATED = {
    "self_attn.q_proj": "self_attn.q_proj",
    "self_attn.k_proj": "self_attn.q_proj",
    "self_attn.v_proj": "self_attn.q_proj",
    "self_attn.o_proj": "self_attn.o_proj",
    "mlp.gate_proj": "mlp.gate_proj",
    "mlp.up_proj": "mlp.gate_proj",
    "mlp.down_proj": "mlp.down_proj",
}


@pytest.fixture(params=["llama", "mistral", "qwen2", "gemma3_text"])
def gated(request: pytest.FixtureRequest) -> Layout:
    return find_layout(network(request.param), PROBE)


def test_query_key_and_value_share_an_input_and_so_do_gate_and_up(gated: Layout):
    expected = {f"layers.{layer}.{name}": f"layers.{layer}.{feed}" for layer in (0, 1) for name, feed in GATED.items()}
    assert {matrix.name: matrix.input for matrix in gated.matrices} == expected
    assert set(gated.inputs) == set(expected.values())


def test_matrices_come_in_the_order_of_the_network(gated: Layout):
    assert [(matrix.layer, matrix.module) for matrix in gated.matrices] == [(0, name) for name in GATED] + [
        (1, name) for name in GATED
    ]


def test_shapes_are_outputs_by_inputs(gated: Layout):
    shapes = {matrix.module: (matrix.rows, matrix.columns) for matrix in gated.matrices}
    assert shapes["self_attn.q_proj"] == shapes["self_attn.o_proj"] == (16, 16)
    assert shapes["self_attn.k_proj"] == shapes["self_attn.v_proj"] == (8, 16)
    assert shapes["mlp.gate_proj"] == shapes["mlp.up_proj"] == (24, 16)
    assert shapes["mlp.down_proj"] == (16, 24)
    assert gated.inputs["layers.1.mlp.down_proj"] == 24


def test_gpt2_stores_its_layers_the_other_way_round():
    layout = find_layout(network("gpt2"), PROBE)
    assert layout.matrices[:4] == (
        WeightMatrix("h.0.attn.c_attn", 0, "attn.c_attn", 48, 16, "h.0.attn.c_attn"),
        WeightMatrix("h.0.attn.c_proj", 0, "attn.c_proj", 16, 16, "h.0.attn.c_proj"),
        WeightMatrix("h.0.mlp.c_fc", 0, "mlp.c_fc", 24, 16, "h.0.mlp.c_fc"),
        WeightMatrix("h.0.mlp.c_proj", 0, "mlp.c_proj", 16, 24, "h.0.mlp.c_proj"),
    )
    assert len(layout.matrices) == 8


def test_embeddings_norms_and_heads_are_left_out():
    from tiny_models import config
    from transformers import AutoModelForCausalLM

    whole = AutoModelForCausalLM.from_config(config("llama"))
    names = [name for name, _ in block_linears(whole)]
    assert isinstance(whole.lm_head, nn.Linear)
    assert len(names) == 14
    assert all(name.startswith("model.layers.") and name.endswith("_proj") for name in names)


def test_a_network_without_blocks_is_refused():
    with pytest.raises(UserError, match="Sequential has no linear layer inside a repeated block") as caught:
        find_layout(nn.Sequential(nn.Embedding(8, 4), nn.Linear(4, 4)), PROBE)
    assert "ModuleList" in caught.value.hint


def test_experts_in_one_tensor_are_refused():
    with pytest.raises(UserError, match=r"MixtralModel .*layers\.0\.mlp\.experts") as caught:
        find_layout(network("mixtral"), PROBE)
    assert "mixture-of-experts" in caught.value.hint


class Routed(nn.Module):
    """Two experts of which tokens see one; a convolution beside them is no expert."""

    def __init__(self) -> None:
        super().__init__()
        self.embed = nn.Embedding(8, 4)
        self.blocks = nn.ModuleList([nn.ModuleDict({"seen": nn.Linear(4, 4), "mixing": nn.Conv1d(4, 4, 1)})])

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        return self.blocks[0]["seen"](self.embed(input_ids))


def test_layers_that_a_forward_pass_does_not_reach_are_refused():
    routed = Routed()
    assert [matrix.name for matrix in find_layout(routed, PROBE).matrices] == ["blocks.0.seen"]
    routed.blocks[0]["unseen"] = nn.Linear(4, 4)
    with pytest.raises(UserError, match=r"1 linear layers of Routed .*blocks\.0\.unseen"):
        find_layout(routed, PROBE)


def test_watching_ends_with_its_block():
    llama, seen = network(), []
    ids = torch.tensor([PROBE])
    with watched(llama, ["layers.1.mlp.down_proj"], lambda name, tensor: seen.append((name, tensor.shape))):
        llama(input_ids=ids)
    llama(input_ids=ids)
    assert seen == [("layers.1.mlp.down_proj", (1, 4, 24))]
    with pytest.raises(RuntimeError, match="stop"), watched(llama, ["layers.0.mlp.down_proj"], stop):
        llama(input_ids=ids)
    assert not any(module._forward_pre_hooks for module in llama.modules())


def stop(label: str, tensor: torch.Tensor) -> None:
    raise RuntimeError("stop")


class Blocks(nn.Module):
    """An embedding and one block, for networks that do with it what others do not."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.embed = nn.Embedding(16, 4)
        self.blocks = nn.ModuleList([nn.ModuleDict({"one": nn.Linear(4, 4), "two": nn.Linear(4, 4)})])
        self.positions = nn.Parameter(torch.randn(1, 8, 4))


class Positions(Blocks):
    """`two` reads 8 relative positions, and `one` both these and the tokens, as in DeBERTa."""

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        block = self.blocks[0]
        return (
            block["one"](self.embed(input_ids)).sum(1)
            + (block["one"](self.positions) * block["two"](self.positions)).sum()
        )


class Again(Blocks):
    """The block is used three times, as in ALBERT."""

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        values = self.embed(input_ids)
        for _ in range(3):
            values = self.blocks[0]["two"](torch.tanh(self.blocks[0]["one"](values)))
        return values


class Transposed(Blocks):
    """The layers read (tokens, windows, features), as in Longformer."""

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        return self.blocks[0]["two"](self.blocks[0]["one"](self.embed(input_ids).transpose(0, 1)))


class Pooled(Blocks):
    """`two` reads one row for two tokens, as in Funnel."""

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        return self.blocks[0]["two"](self.blocks[0]["one"](self.embed(input_ids))[:, ::2])


class Wanting(Blocks):
    """More than token ids is needed."""

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        raise ValueError("You have to specify bbox\nor not")


@pytest.mark.parametrize("length", [2, 4, 8])
def test_rows_that_are_no_tokens_are_left_out_however_many_they_are(length: int):
    layout = find_layout(Positions(), [3, 4, 5, 6, 7, 8, 9, 10][:length])
    assert [(matrix.name, matrix.calls) for matrix in layout.matrices] == [("blocks.0.one", (0,))]


def test_a_block_that_is_used_again_is_measured_each_time():
    layout = find_layout(Again(), [3, 4, 5, 6])
    assert layout.calls == {"blocks.0.one": (0, 1, 2), "blocks.0.two": (0, 1, 2)}


@pytest.mark.parametrize(
    ("network", "reason"),
    [
        (Transposed(), r"2 linear layers of Transposed .*: blocks\.0\.one mixes the rows of the windows of a batch"),
        (
            Pooled(),
            r"1 linear layers of Pooled do not read a row for each token: blocks\.0\.two reads 4 rows for 8 tokens$",
        ),
        (Wanting(), r"Wanting does not run on token ids alone: You have to specify bbox$"),
    ],
)
def test_what_cannot_be_measured_is_refused_with_the_reason(network: nn.Module, reason: str):
    with pytest.raises(UserError) as caught:
        find_layout(network, [3, 4, 5, 6])
    assert re.search(reason, caught.value.message)
    assert "mixture" not in caught.value.hint
