"""What models and corpora promise."""

from __future__ import annotations

import re
from itertools import islice
from typing import Any

import numpy as np

from langgeo_core.api import CorpusIdentity, LanguageTable, ModelIdentity, Text, UserError, protocols
from langgeo_testing.check import array, broken, finite, require, same, skip
from langgeo_testing.components import Contract
from langgeo_testing.made_up import MadeUpCorpus

SENTENCE = "Nine words that most tokenizers know, and a few: ñ, ж, 語."
TRIED = 3
"""How many weight matrices are read."""


class Models(Contract):
    """What a model promises. Those that load weights want a small one: pass its options, or an instance."""

    def identity_is_stable(self) -> None:
        """`identity` says which weights these are, the same in every instance; a SHA-256 has 64 hexadecimal digits."""
        found = self._built().identity()
        require(isinstance(found, ModelIdentity), f"identity gives {type(found).__name__}, no ModelIdentity")
        empty = [name for name, value in vars(found).items() if not value]
        require(not empty, f"the identity has no {', '.join(empty)}")
        sha = found.weights_sha256
        require(re.fullmatch(r"[0-9a-f]{64}", sha) is not None, f"weights_sha256 is {sha!r}")
        again = self._built().identity()
        require(again == found, f"the identity is {found}, and {again} the second time")

    def tokens_are_whole_numbers(self) -> None:
        """The tokenizer gives the same list of token ids at every call, none for an empty text, and a text for them."""
        tokenizer = self._built().tokenizer()
        tokens = list(tokenizer.encode(SENTENCE))
        require(bool(tokens), f"encode({SENTENCE!r}) gives nothing")
        require(all(isinstance(token, int) and token >= 0 for token in tokens), f"encode gives {tokens[:8]}")
        require(list(tokenizer.encode(SENTENCE)) == tokens, "encode gives other tokens the second time")
        nothing = list(tokenizer.encode(""))
        require(not nothing, f"encode('') gives {nothing}: no special tokens")
        text = tokenizer.decode(tokens)
        require(isinstance(text, str) and bool(text), f"decode of these tokens gives {text!r}, no text")

    def loaded_network_encodes_like_the_tokenizer(self) -> None:
        """The loaded model has the tokenizer's tokens, a padding token, and a first token or None."""
        model = self._built()
        loaded = model.load("float32")
        require(list(loaded.encode(SENTENCE)) == list(model.tokenizer().encode(SENTENCE)), "the tokens differ")
        require(isinstance(loaded.pad, int), f"pad is {loaded.pad!r}")
        require(loaded.bos is None or isinstance(loaded.bos, int), f"bos is {loaded.bos!r}")

    def network_is_ready_for_a_forward_pass(self) -> None:
        """`load` gives a network in evaluation mode and in the dtype that is asked for; it can be called."""
        import torch

        loaded = self._built().load("float32")
        require(not loaded.network.training, "the network is in training mode")
        strange = {str(values.dtype) for values in loaded.network.parameters() if values.dtype is not torch.float32}
        require(not strange, f"parameters are {', '.join(sorted(strange))}, asked for float32")
        ids = torch.tensor([loaded.encode(SENTENCE)])
        with torch.no_grad():
            output = loaded.network(input_ids=ids, attention_mask=torch.ones_like(ids))
        require(getattr(output, "logits", None) is None, "the network goes on to the logits")
        finite("the last hidden state", output[0].numpy())

    def weights_are_those_of_the_network(self) -> None:
        """`weights().read` gives the network's linear layers, (rows, columns) float32, under their paths in it."""
        model = self._built()
        linear = _linear(model.load("float32").network)
        require(bool(linear), "the network has no linear layer")
        reader = model.weights()
        for name in list(linear)[:TRIED]:
            expected = linear[name]
            found = array(f"weights of {name}", reader.read(name), expected.shape)
            require(found.dtype == np.float32, f"weights of {name} are {found.dtype}")
            same(f"weights of {name}", found, expected)

    def a_model_without_a_head_says_so(self) -> None:
        """`load_causal`, where there is one, gives the network with its head and finite logits, or raises UserError."""
        import torch

        model = self._built()
        if not isinstance(model, protocols.HeadedModel):
            skip("it has no load_causal")
        try:
            loaded = model.load_causal("float32")
        except UserError:
            return
        ids = torch.tensor([loaded.encode(SENTENCE)])
        with torch.no_grad():
            logits = loaded.causal(input_ids=ids, attention_mask=torch.ones_like(ids)).logits
        finite("the logits", logits.numpy())

    def _built(self) -> Any:
        """The model, after it has been given texts where it learns from them."""
        model = self.build()
        if isinstance(model, protocols.LearningModel):
            model.learn_from({"made-up": MadeUpCorpus()})
        return model


def _linear(network: Any) -> dict[str, np.ndarray[Any, Any]]:
    from torch import nn

    layers = (entry for entry in network.named_modules() if isinstance(entry[1], nn.Linear))
    return {name: layer.weight.detach().numpy() for name, layer in layers}


READ = 3
"""How many languages' texts are read."""


class Corpora(Contract):
    """What a corpus promises."""

    def identity_is_stable(self) -> None:
        """`identity` says which text this is and on what terms, the same in every instance."""
        found = self.build().identity()
        require(isinstance(found, CorpusIdentity), f"identity gives {type(found).__name__}, no CorpusIdentity")
        empty = [name for name, value in vars(found).items() if not value]
        require(not empty, f"the identity has no {', '.join(empty)}")
        again = self.build().identity()
        require(again == found, f"the identity is {found}, and {again} the second time")

    def languages_are_known_and_unique(self) -> None:
        """`languages` gives at least one id, each once: ISO 639-3, `_Script` or `_variety` where needed, no alias."""
        found = list(self.build().languages())
        require(bool(found), "languages() gives none")
        twice = sorted({identifier for identifier in found if found.count(identifier) > 1})
        require(not twice, f"languages() gives {', '.join(twice)} twice")
        strange = [identifier for identifier in found if _known_as(identifier) != identifier]
        require(not strange, f"languages() gives {', '.join(strange)}; langgeo knows {[*map(_known_as, strange)]}")

    def texts_have_documents(self) -> None:
        """`read` gives the Text of the language asked for, with documents that are not empty, and where it is from."""
        corpus = self.build()
        for language in self._some():
            text = corpus.read(language)
            require(isinstance(text, Text), f"read gives {type(text).__name__}, no Text")
            require(text.language == language, f"read({language!r}) gives the language {text.language!r}")
            require(bool(text.documents), f"{language} has no document")
            blank = sum(not (isinstance(document, str) and document.strip()) for document in text.documents)
            require(not blank, f"{blank} of {len(text.documents)} documents of {language} are no text")
            require(bool(text.source), f"the text of {language} has no source")

    def texts_are_stable(self) -> None:
        """`read` gives the same text at every call and in every instance: cells are found again by its fingerprint."""
        for language in self._some():
            first = self.build().read(language).fingerprint
            again = self.build().read(language).fingerprint
            require(first == again, f"the text of {language} has fingerprint {first[:12]}…, and then {again[:12]}…")

    def a_language_without_text_is_refused(self) -> None:
        """`read` raises UserError for a language that it has no text in."""
        corpus = self.build()
        absent = "qtz" if "qaa" in corpus.languages() else "qaa"
        try:
            corpus.read(absent)
        except UserError:
            return
        broken(f"read({absent!r}) raises nothing")

    def _some(self) -> list[str]:
        """The first languages that it has texts in."""
        found = list(islice(self.build().languages(), READ))
        require(bool(found), "languages() is empty")
        return found


def _known_as(identifier: str) -> str | None:
    try:
        return LanguageTable().lookup(identifier).id
    except UserError:
        return None
