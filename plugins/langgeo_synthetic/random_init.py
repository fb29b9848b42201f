"""The control `random-init`: another model's architecture and tokenizer with weights that learned nothing."""

from __future__ import annotations

import hashlib
import logging
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from langgeo_core.api import Absence, ModelIdentity, UserError, build_component, protocols
from langgeo_hf.api import IDENTIFYING, FolderModel, FolderOptions, folder_sha256
from langgeo_synthetic.made_once import is_made, made_once
from langgeo_synthetic.options import RandomInitOptions

notice = logging.getLogger("langgeo.notice")


class RandomInit(FolderModel):
    """The network as transformers makes it before training, from a seed: what its initialiser draws, float32.

    The tokenizer and the shape are the model's own, so that what this one still finds in texts is what these two and
    random features give away.
    """

    def __init__(self, options: RandomInitOptions) -> None:
        super().__init__(FolderOptions(path="random-init", licence="random numbers; the tokenizer is the model's"))
        self._seed = options.seed
        self._inner: Any = build_component("models", options.model)
        if not isinstance(self._inner, FolderModel):
            message = f"random-init cannot take {type(self._inner).__name__}, which is in no folder of transformers"
            raise UserError(message, "take a model of langgeo_hf or langgeo_starter")

    def learn_from(self, corpora: Mapping[str, Any]) -> None:
        """Pass the texts on to a model whose shape or tokenizer comes of them."""
        if isinstance(self._inner, protocols.LearningModel):
            self._inner.learn_from(corpora)

    def check(self) -> None:
        """Ask the model whether its files are there."""
        if isinstance(self._inner, protocols.CheckedModel):
            self._inner.check()
        else:
            self._inner.identity()

    def absent(self) -> Absence | None:
        """What the model says of itself; its shape and tokenizer are needed."""
        return self._inner.absent() if isinstance(self._inner, protocols.RemoteModel) else None

    def identity(self) -> ModelIdentity:
        """Hashes the random weights; draws them where they are not there."""
        inner = self._inner.identity()
        sha256 = folder_sha256(self.folder())
        source = f"the shape and tokenizer of {inner.name} ({inner.source})"
        return ModelIdentity(f"{inner.name}, random", sha256, f"seed {self._seed}", self.options.licence, source)

    def folder(self) -> Path:
        """Where the random weights are; the first call draws them."""
        inner = self._inner.identity()
        made_of = hashlib.sha256(f"{inner.weights_sha256}/{self._seed}".encode()).hexdigest()
        name = f"random-{inner.name}-{made_of[:16]}"
        if not is_made(name):
            notice.info("drawing random weights of the shape of %s: once", inner.name)
        return made_once(name, self._write)

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
