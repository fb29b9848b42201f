"""The model `byte-lm`: a small language model of bytes that learns the run's texts, once."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from langgeo_core.api import ModelIdentity, UserError
from langgeo_hf.api import FolderModel, FolderOptions, folder_sha256
from langgeo_synthetic.made_once import is_made, made_once
from langgeo_synthetic.options import ByteLmOptions
from langgeo_synthetic.tokens import FIRST, PADDING, byte_tokenizer

VERSION = 1
"""Raised whenever the same options and texts would be trained otherwise."""

NOTES = "training.json"
notice = logging.getLogger("langgeo.notice")


class ByteLm(FolderModel):
    """A Llama of some 600,000 weights trained from scratch on all texts of the run's corpora.

    It is trained when its weights are first needed and kept under what it was trained on. Rounding depends on the
    machine and the number of threads, so the weights' own SHA-256 identifies it.
    """

    def __init__(self, options: ByteLmOptions) -> None:
        super().__init__(FolderOptions(path="byte-lm", licence="that of the texts"))
        self._training = options
        self._corpora: Mapping[str, Any] = {}

    def learn_from(self, corpora: Mapping[str, Any]) -> None:
        """Take the texts of these corpora, all languages of each."""
        self._corpora = dict(corpora)

    def check(self) -> None:
        """Nothing has to be there beforehand."""

    def identity(self) -> ModelIdentity:
        """Hashes the trained weights; trains them where they are not there."""
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
        """Where the trained model is; the first call trains it, which takes minutes."""
        if not is_made(self._name):
            notice.info("training byte-lm on %s: once, some minutes", ", ".join(self._corpora))
        return made_once(self._name, self._write)

    @cached_property
    def _texts(self) -> dict[str, tuple[str, ...]]:
        """The documents of each language of each corpus, by their fingerprints."""
        if not self._corpora:
            raise UserError("byte-lm has no texts to learn from", "it works in a run, whose corpora it learns")
        read = (corpus.read(language) for corpus in self._corpora.values() for language in corpus.languages())
        return {text.fingerprint: text.documents for text in read}

    @cached_property
    def _name(self) -> str:
        made_of = [VERSION, self._training.model_dump(mode="json"), sorted(self._texts)]
        return f"byte-lm-{hashlib.sha256(json.dumps(made_of).encode()).hexdigest()[:16]}"

    def _write(self, folder: Path) -> None:
        import numpy as np

        from langgeo_synthetic.training import architecture, train

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
