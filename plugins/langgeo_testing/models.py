"""What a model promises. Those that load weights want a small one: pass its options, or an instance."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from langgeo_core.contract import protocols
from langgeo_core.contract.errors import UserError
from langgeo_core.contract.types import ModelIdentity
from langgeo_testing.check import Subject, require
from langgeo_testing.numbers import array, finite, same
from langgeo_testing.world import MadeUpCorpus

SENTENCE = "Nine words that most tokenizers know, and a few: ñ, ж, 語."
TRIED = 3
"""How many weight matrices are read."""


def identity_is_stable(subject: Subject) -> None:
    """`identity` says which weights these are, the same in every instance, with a SHA-256 of 64 hexadecimal digits."""
    found = _built(subject).identity()
    require(isinstance(found, ModelIdentity), f"identity gives {type(found).__name__}, no ModelIdentity")
    empty = [name for name, value in vars(found).items() if not value]
    require(not empty, f"the identity has no {', '.join(empty)}")
    sha = found.weights_sha256
    require(re.fullmatch(r"[0-9a-f]{64}", sha) is not None, f"weights_sha256 is {sha!r}")
    again = _built(subject).identity()
    require(again == found, f"the identity is {found}, and {again} the second time")


def tokens_are_whole_numbers(subject: Subject) -> None:
    """The tokenizer gives the same list of token ids at every call, none for an empty text, and a text for them."""
    tokenizer = _built(subject).tokenizer()
    tokens = list(tokenizer.encode(SENTENCE))
    require(bool(tokens), f"encode({SENTENCE!r}) gives nothing")
    require(all(isinstance(token, int) and token >= 0 for token in tokens), f"encode gives {tokens[:8]}")
    require(list(tokenizer.encode(SENTENCE)) == tokens, "encode gives other tokens the second time")
    nothing = list(tokenizer.encode(""))
    require(not nothing, f"encode('') gives {nothing}: no special tokens")
    text = tokenizer.decode(tokens)
    require(isinstance(text, str) and bool(text), f"decode of these tokens gives {text!r}, no text")


def loaded_network_encodes_like_the_tokenizer(subject: Subject) -> None:
    """The loaded model has the tokenizer's tokens, a padding token, and a first token or None."""
    model = _built(subject)
    loaded = model.load("float32")
    require(list(loaded.encode(SENTENCE)) == list(model.tokenizer().encode(SENTENCE)), "the tokens differ")
    require(isinstance(loaded.pad, int), f"pad is {loaded.pad!r}")
    require(loaded.bos is None or isinstance(loaded.bos, int), f"bos is {loaded.bos!r}")


def network_is_ready_for_a_forward_pass(subject: Subject) -> None:
    """`load` gives a network in evaluation mode and the dtype asked for that takes `input_ids` and `attention_mask`."""
    import torch

    loaded = _built(subject).load("float32")
    require(not loaded.network.training, "the network is in training mode")
    strange = {str(values.dtype) for values in loaded.network.parameters() if values.dtype is not torch.float32}
    require(not strange, f"parameters are {', '.join(sorted(strange))}, asked for float32")
    ids = torch.tensor([loaded.encode(SENTENCE)])
    with torch.no_grad():
        output = loaded.network(input_ids=ids, attention_mask=torch.ones_like(ids))
    require(getattr(output, "logits", None) is None, "the network goes on to the logits")
    finite("the last hidden state", output[0].numpy())


def weights_are_those_of_the_network(subject: Subject) -> None:
    """`weights().read` gives the network's linear layers, (rows, columns) float32, under their paths in it."""
    model = _built(subject)
    linear = _linear(model.load("float32").network)
    require(bool(linear), "the network has no linear layer")
    reader = model.weights()
    for name in list(linear)[:TRIED]:
        expected = linear[name]
        found = array(f"weights of {name}", reader.read(name), expected.shape)
        require(found.dtype == np.float32, f"weights of {name} are {found.dtype}")
        same(f"weights of {name}", found, expected)


def a_model_without_a_head_says_so(subject: Subject) -> None:
    """`load_causal`, where there is one, gives the network with its head and finite logits, or raises UserError."""
    import torch

    model = _built(subject)
    if not isinstance(model, protocols.HeadedModel):
        return
    try:
        loaded = model.load_causal("float32")
    except UserError:
        return
    ids = torch.tensor([loaded.encode(SENTENCE)])
    with torch.no_grad():
        logits = loaded.causal(input_ids=ids, attention_mask=torch.ones_like(ids)).logits
    finite("the logits", logits.numpy())


def _built(subject: Subject) -> Any:
    """The model, after it has been given texts where it learns from them."""
    model = subject.build()
    if isinstance(model, protocols.LearningModel):
        model.learn_from({"made-up": MadeUpCorpus()})
    return model


def _linear(network: Any) -> dict[str, np.ndarray[Any, Any]]:
    from torch import nn

    layers = (entry for entry in network.named_modules() if isinstance(entry[1], nn.Linear))
    return {name: layer.weight.detach().numpy() for name, layer in layers}


CHECKS = (
    identity_is_stable,
    tokens_are_whole_numbers,
    loaded_network_encodes_like_the_tokenizer,
    network_is_ready_for_a_forward_pass,
    weights_are_those_of_the_network,
    a_model_without_a_head_says_so,
)
