"""Transfer that is measured: a model learns a little of one language, and is then read in all the others.

From a text's first half a model learns, on its second half it is measured, so that in a parallel corpus no sentence
is both learnt and measured in another language. The score of a pair is what the source takes off the target's loss, in
bits per byte, which no tokenizer favours.
"""

from __future__ import annotations

import hashlib
import logging
import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from langgeo_core.api import (
    ConfigError,
    DamagedCellError,
    NumericalError,
    Plan,
    Problem,
    Store,
    Text,
    UserError,
    chosen_device,
    digest,
    protocols,
)
from langgeo_executors.api import Item, answered, arrive, pack

if TYPE_CHECKING:
    import torch

notice = logging.getLogger("langgeo.notice")

Float64 = NDArray[np.float64]
STUDY_VERSION = 3
"""Raised whenever the same texts and recipe would give other losses."""
ROWS = 16
"""Tokens whose logits are float32 at a time. For a whole batch they took a gigabyte, which was cleared at each call."""


@dataclass(frozen=True)
class Recipe:
    """How a model learns, and how it is measured.

    Parameters
    ----------
    steps : of AdamW without weight decay
    rate : the learning rate
    batch : windows of a step
    window : tokens of a window, in learning and in measuring
    held_out : bytes of a text that the loss is measured on
    """

    steps: int
    rate: float
    batch: int
    window: int
    held_out: int


@dataclass(frozen=True)
class Pass:
    """One reading of all targets: by the model as it is where `source` is empty, else after it learnt that."""

    source: str
    seed: int
    key: str


@dataclass(frozen=True)
class Study:
    """A model and a corpus of a plan, what it learns from and what it is measured on."""

    plan: Plan
    sources: tuple[str, ...]
    targets: tuple[str, ...]
    recipe: Recipe
    seeds: int

    @property
    def model(self) -> str:
        return next(iter(self.plan.models))

    @property
    def corpus(self) -> str:
        return next(iter(self.plan.corpora))

    def check(self) -> None:
        """Refuse what cannot be measured, before a model is loaded.

        Raises
        ------
        UserError
            If there are several models or corpora, or the model has no head.
        ConfigError
            With every text that is too short.
        """
        for kind, found in (("models", self.plan.models), ("corpora", self.plan.corpora)):
            if len(found) != 1:
                message = f"transfer is measured with one model on one corpus, and the config has {len(found)} {kind}"
                raise UserError(message, f"choose one, such as {kind}={next(iter(found), 'NAME')}")
        if not isinstance(self.plan.models[self.model], protocols.HeadedModel):
            raise UserError(f"the model {self.model} cannot be loaded with its head", "choose another model")
        problems = [
            Problem(self.corpus, found, "leave it out, or lower --held-out and --window") for found in self._short()
        ]
        if problems:
            raise ConfigError(problems)

    def _short(self) -> Iterator[str]:
        encode = self.plan.texts.tokenizers[self.model]().encode
        for language in dict.fromkeys((*self.sources, *self.targets)):
            learnt, measured = halves(self.text(language), self.recipe.held_out)
            if language in self.targets and len(measured.encode()) < 0.9 * self.recipe.held_out:
                count = len(measured.encode())
                yield f"{language}: half of its text has {count:,} of {self.recipe.held_out:,} bytes"
            if language in self.sources and (count := len(encode(learnt))) < self.recipe.window:
                yield f"{language}: half of its text has {count} of the {self.recipe.window} tokens of a window"

    def text(self, language: str) -> Text:
        """The whole text."""
        return self.plan.texts.read(self.corpus, language)

    def passes(self) -> list[Pass]:
        """The reading before, then for each seed one of each source."""
        texts = {one: halves(self.text(one), self.recipe.held_out) for one in {*self.sources, *self.targets}}
        shared = {
            "transfer": STUDY_VERSION,
            "weights": self.plan.model_identities[self.model].weights_sha256,
            "dtype": self.plan.config.settings.calibration.dtype,
            "window": self.recipe.window,
            "measured": [_sha256(texts[target][1]) for target in self.targets],
        }
        found = [Pass("", 0, digest(shared))]
        for seed in range(self.seeds):
            for source in self.sources:
                learnt = {"learnt": _sha256(texts[source][0]), "seed": seed, **asdict(self.recipe)}
                found.append(Pass(source, seed, digest({**shared, **learnt})))
        return found

    def items(self, store: Store, passes: Sequence[Pass]) -> Iterator[Item]:
        """The work of these passes, for `measure`."""
        addresses = {cell.language: cell.key for cell in self.plan.cells}
        for one in passes:
            languages = [*dict.fromkeys((*filter(None, (one.source,)), *self.targets))]
            study = {**asdict(one), "targets": self.targets, "recipe": asdict(self.recipe)}
            piece = {language: addresses[language] for language in languages}
            yield from pack(self.plan, store, self.model, self.corpus, [piece], study=study)


def halves(text: Text, held_out: int) -> tuple[str, str]:
    """What is learnt, and what is measured: so many bytes from the middle on.

    Examples
    --------
    >>> halves(Text("eng", ("one two three four",), ""), 4)
    ('one two t', 'hree')
    """
    whole = "\n".join(text.documents)
    middle = len(whole) // 2
    return whole[:middle], whole[middle:].encode()[:held_out].decode(errors="ignore")


def kept(store: Store, key: str) -> dict[str, NDArray[Any]] | None:
    """What a pass left in the store; None, with a notice, if that is damaged."""
    try:
        return store.kept(key)
    except DamagedCellError as damage:
        notice.warning("%s; measured again", damage)
        return None


def measure(text: str) -> str:
    """A pass, as a worker does it: the losses go into the store."""
    return answered(text, _measure)


def _measure(asked: Mapping[str, Any]) -> dict[str, Any]:
    plan, store = arrive(asked)
    wanted = asked["study"]
    study = Study(plan, (wanted["source"],), tuple(wanted["targets"]), Recipe(**wanted["recipe"]), 1)
    if kept(store, wanted["key"]) is None:
        store.keep(wanted["key"], {"bits": measured(study, wanted["source"], wanted["seed"])})
    return {"did": f"measured {len(study.targets)} targets", "incidents": []}


def measured(study: Study, source: str, seed: int) -> Float64:
    """(targets,) bits per byte, after the model learnt a source; of the model as it is without one."""
    settings, recipe = study.plan.config.settings.calibration, study.recipe
    identity = study.plan.model_identities[study.model].weights_sha256
    learner = _learner(identity, study.plan.models[study.model], settings.dtype, str(chosen_device(settings)))
    try:
        if source:
            learner.learn(halves(study.text(source), recipe.held_out)[0], recipe, seed)
        texts = [halves(study.text(target), recipe.held_out)[1] for target in study.targets]
        with learner.halved():  # so that weights are rounded once, not for every text
            return np.array([learner.bits(text, recipe) for text in texts])
    finally:
        if source:
            learner.forget()


_LOADED: dict[tuple[str, ...], _Learner] = {}


def _learner(weights: str, model: Any, dtype: str, device: str) -> _Learner:
    """The model with its head; the last one stays in memory."""
    key = weights, dtype, device
    if key not in _LOADED:
        _LOADED.clear()
        _LOADED[key] = _Learner(model, dtype, device)
    return _LOADED[key]


class _Learner:
    """A model that learns, and forgets again. With bfloat16 its weights stay float32 and its products are bfloat16."""

    def __init__(self, model: protocols.HeadedModel, dtype: str, device: str) -> None:
        import torch

        self._halved = dtype == "bfloat16"
        self._loaded, self._device = model.load_causal("float32" if self._halved else dtype), device
        self._network = self._loaded.causal.to(device).eval()  # without dropout
        self._start = [] if self._loaded.bos is None else [self._loaded.bos]
        # A head that is the table of embeddings is one parameter, and is listed once.
        self._weights = [one for one in self._network.parameters() if one.is_floating_point()]
        with torch.no_grad():
            self._before = [one.detach().clone() for one in self._weights]

    def learn(self, text: str, recipe: Recipe, seed: int) -> None:
        """A few steps on windows of a text, in an order that the seed draws.

        Raises
        ------
        NumericalError
            If the loss becomes infinite.
        """
        import torch

        windows = self._windows(text, recipe.window, whole=True)
        draw = np.random.default_rng(seed)
        optimizer = torch.optim.AdamW(self._weights, lr=recipe.rate, weight_decay=0.0, fused=True)
        order: list[int] = []
        for _ in range(recipe.steps):
            while len(order) < recipe.batch:
                order += draw.permutation(len(windows)).tolist()
            chosen, order = order[: recipe.batch], order[recipe.batch :]
            optimizer.zero_grad(set_to_none=True)
            loss = self._loss([windows[place] for place in chosen]) / (recipe.batch * recipe.window)
            if not math.isfinite(loss.item()):
                raise NumericalError("the loss became infinite while the model learnt", "lower --rate")
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
        optimizer.zero_grad(set_to_none=True)

    def bits(self, text: str, recipe: Recipe) -> float:
        """The cross-entropy of a text in bits per byte."""
        import torch

        windows = self._windows(text, recipe.window)
        total = 0.0
        with torch.no_grad():
            whole = [window for window in windows if len(window) == recipe.window]
            for start in range(0, len(whole), recipe.batch):
                total += self._loss(whole[start : start + recipe.batch]).item()
            total += sum(self._loss([window]).item() for window in windows if len(window) != recipe.window)
        return total / math.log(2) / len(text.encode())

    def forget(self) -> None:
        """Have the weights that the model was loaded with."""
        import torch

        with torch.no_grad():
            for weight, before in zip(self._weights, self._before, strict=True):
                weight.copy_(before)

    def halved(self) -> AbstractContextManager[object]:
        """While it lasts, products are of bfloat16 where the model is to compute so."""
        import torch

        return torch.autocast(torch.device(self._device).type, torch.bfloat16) if self._halved else nullcontext()

    def _windows(self, text: str, window: int, whole: bool = False) -> list[list[int]]:
        ids = self._loaded.encode(text)
        found = [ids[start : start + window] for start in range(0, len(ids), window)]
        return [one for one in found if len(one) == window] if whole else found

    def _loss(self, windows: Sequence[Sequence[int]]) -> torch.Tensor:
        """The summed cross-entropy of windows of one length, in nats."""
        import torch

        batch = torch.tensor([[*self._start, *window] for window in windows], device=self._device)
        with self.halved():
            logits = self._network(input_ids=batch, attention_mask=torch.ones_like(batch)).logits
        rows, wanted = logits[:, :-1].flatten(0, 1), batch[:, 1:].flatten()
        cuts = tuple(range(ROWS, len(rows), ROWS))
        parts = zip(torch.tensor_split(rows, cuts), torch.tensor_split(wanted, cuts), strict=True)
        entropy = torch.nn.functional.cross_entropy
        return torch.stack([
            entropy(part if part.dtype == torch.float64 else part.float(), ids, reduction="sum") for part, ids in parts
        ]).sum()  # fmt: skip


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
