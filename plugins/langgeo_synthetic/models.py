"""The models `byte-lm`, which learns the run's texts, and `random-init`, a control whose weights learned nothing."""

from __future__ import annotations

import hashlib
import json
import logging
import shutil
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from langgeo_core.api import Absence, ModelIdentity, UserError, build_component, protocols
from langgeo_hf.api import IDENTIFYING, FolderModel, FolderOptions, folder_sha256, is_made, made_once
from langgeo_synthetic.options import ByteLmOptions, RandomInitOptions

VERSION = 1
"""Increased whenever training with the same options and texts changes."""

NOTES = "training.json"
_TRAINS = "a run trains it"
notice = logging.getLogger("langgeo.notice")


class ByteLm(FolderModel):
    """A Llama of some 600,000 weights trained from scratch on all texts of the run's corpora.

    It is trained when its weights are first needed, and kept in the cache under a hash of its options and texts.
    Rounding depends on the machine and the number of threads, so the SHA-256 of its weights identifies it.
    """

    def __init__(self, options: ByteLmOptions) -> None:
        super().__init__(FolderOptions(path="byte-lm", licence="that of the texts"))
        self._training = options
        self._corpora: Mapping[str, Any] = {}

    def learn_from(self, corpora: Mapping[str, Any]) -> None:
        """Take the texts of these corpora, all languages of each."""
        self._corpora = dict(corpora)

    def absent(self) -> Absence | None:
        """Whether a run has to train it first; trains nothing, and fetches no texts."""
        for name, corpus in self._corpora.items():
            remote = isinstance(corpus, protocols.RemoteCorpus)
            if remote and any(corpus.absent(language) for language in corpus.languages()):
                return Absence(f"it learns the texts of {name}, which are not all on this machine", _TRAINS, comes=True)
        if not self._corpora or is_made(self._name):
            return None
        return Absence("not trained yet: a run does that once, in some minutes", _TRAINS, comes=True)

    def here(self) -> Path | None:
        """The folder of the trained model, or None if it does not exist yet."""
        return None if self.absent() else self.folder()

    def check(self) -> None:
        """Needs no files."""

    def identity(self) -> ModelIdentity:
        """Hashes the trained weights; trains them first if they are not cached."""
        folder = self.folder()
        notes = json.loads((folder / NOTES).read_text(encoding="utf-8"))
        return ModelIdentity(
            "byte-lm",
            folder_sha256(folder),
            f"{notes['steps']} steps, last loss {notes['loss']:.3f} nats a byte",
            self.options.licence,
            f"trained on {', '.join(self._corpora)}: {notes['texts']} texts, {notes['bytes']} bytes",
        )

    def folder(self) -> Path:
        """The folder of the trained model; the first call trains it, which takes minutes."""
        if not is_made(self._name):
            notice.info("training byte-lm on %s: once, some minutes", ", ".join(self._corpora))
        return made_once(self._name, self._write)

    @cached_property
    def _texts(self) -> dict[str, tuple[str, ...]]:
        """The documents of each language of each corpus, by their fingerprints."""
        if not self._corpora:
            raise UserError("byte-lm has no texts to learn from", "use it in a run: it learns the texts of its corpora")
        read = (corpus.read(language) for corpus in self._corpora.values() for language in corpus.languages())
        return {text.fingerprint: text.documents for text in read}

    @cached_property
    def _name(self) -> str:
        made_of = [VERSION, self._training.model_dump(mode="json"), sorted(self._texts)]
        return f"byte-lm-{hashlib.sha256(json.dumps(made_of).encode()).hexdigest()[:16]}"

    def _write(self, folder: Path) -> None:
        import numpy as np

        from langgeo_synthetic.training import FIRST, PADDING, architecture, byte_tokenizer, train

        tokenizer = byte_tokenizer()
        encoded = [
            np.array(tokenizer("\n".join(self._texts[key]))["input_ids"], dtype=np.int64) for key in sorted(self._texts)
        ]
        first, padding = tokenizer.convert_tokens_to_ids([FIRST, PADDING])
        network, loss = train(architecture(self._training, first, padding), encoded, self._training)
        network.save_pretrained(folder)
        tokenizer.save_pretrained(folder)
        notes = {
            "loss": loss,
            "steps": self._training.steps,
            "texts": len(encoded),
            "bytes": sum(map(len, encoded)),
        }
        (folder / NOTES).write_text(json.dumps(notes), encoding="utf-8")


class RandomInit(FolderModel):
    """The network as transformers initialises it before training, from a seed, in float32.

    Tokenizer and shape are those of the model, so agreement that remains comes from these two and random features.
    """

    def __init__(self, options: RandomInitOptions) -> None:
        super().__init__(FolderOptions(path="random-init", licence="random numbers; the tokenizer is the model's"))
        self._seed = options.seed
        self._inner: Any = build_component("models", options.model)
        if not isinstance(self._inner, FolderModel):
            message = f"random-init cannot take {type(self._inner).__name__}, which is in no folder of transformers"
            raise UserError(message, "take a model of langgeo_hf or langgeo_starter")

    def learn_from(self, corpora: Mapping[str, Any]) -> None:
        """Pass the texts on to a model whose shape or tokenizer depends on them."""
        if isinstance(self._inner, protocols.LearningModel):
            self._inner.learn_from(corpora)

    def check(self) -> None:
        """Ask the model whether its files are there."""
        if isinstance(self._inner, protocols.CheckedModel):
            self._inner.check()
        else:
            self._inner.identity()

    def absent(self) -> Absence | None:
        """What the model says of itself, or that a run has to draw the weights; draws nothing."""
        if isinstance(self._inner, protocols.RemoteModel) and (absence := self._inner.absent()):
            return absence
        if is_made(self._name):
            return None
        return Absence("not drawn yet: a run does that once", "a run draws it", comes=True)

    def here(self) -> Path | None:
        """The folder of the random weights, or None if it does not exist yet."""
        return None if self.absent() else self.folder()

    def tokenizer_here(self) -> Any:
        """That of the model."""
        return self._inner.tokenizer_here()

    def identity(self) -> ModelIdentity:
        """Hashes the random weights; draws them first if they are not cached."""
        inner = self._inner.identity()
        sha256 = folder_sha256(self.folder())
        source = f"the shape and tokenizer of {inner.name} ({inner.source})"
        return ModelIdentity(f"{inner.name}, random", sha256, f"seed {self._seed}", self.options.licence, source)

    def folder(self) -> Path:
        """The folder of the random weights; the first call draws them."""
        if not is_made(self._name):
            notice.info("drawing random weights of the shape of %s: once", self._inner.identity().name)
        return made_once(self._name, self._write)

    @property
    def _name(self) -> str:
        inner = self._inner.identity()
        made_of = hashlib.sha256(f"{inner.weights_sha256}/{self._seed}".encode()).hexdigest()
        return f"random-{inner.name}-{made_of[:16]}"

    def _write(self, folder: Path) -> None:
        import torch
        from transformers import AutoConfig, AutoModel

        source = self._inner.folder()
        config = AutoConfig.from_pretrained(source, local_files_only=True, trust_remote_code=False)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(self._seed)
            network = AutoModel.from_config(config, dtype=torch.float32, trust_remote_code=False)
        network.save_pretrained(folder)
        for file in {file for pattern in IDENTIFYING for file in source.glob(pattern)}:
            if file.name != "config.json":
                shutil.copyfile(file, folder / file.name)
