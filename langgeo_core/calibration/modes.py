"""Where and how a model is calibrated: on which device, and whether all of it is in memory at once.

What each mode takes is known by arithmetic on shapes. All sizes are bytes. torch is imported when a function needs it,
so that plugins that predict sizes, and whatever else imports the api, start quickly.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, TypeVar

from langgeo_core.calibration.windows import Windows
from langgeo_core.config.schema import CalibrationSettings
from langgeo_core.contract.errors import UserError
from langgeo_core.contract.protocols import LoadedModel, Model, StreamedModel, StreamingModel

if TYPE_CHECKING:
    import torch
    from torch import nn

GIB = 1 << 30
SHARE_OF_FREE = 0.8

Cell = TypeVar("Cell")


@dataclass(frozen=True)
class Footprint:
    """What a network takes, from an outline of it.

    Parameters
    ----------
    weights : all parameters
    block : the parameters of the largest block
    outside : the parameters that lie in no block
    widths : of the inputs of all linear layers; those that share an input count once each, so that it is a bound
    block_widths : those of the block whose Gram matrices are the largest
    number : a number in a Gram matrix
    state : one token's hidden state
    working : what one token takes while its batch goes through a block
    """

    LIVE_ROWS: ClassVar[int] = 4
    """How many tensors of a batch live in a block at once, in units of the widest input: its own, gate, up, product."""

    weights: int
    block: int
    outside: int
    widths: tuple[int, ...]
    block_widths: tuple[int, ...]
    number: int
    state: int
    working: int

    def one_pass(self, cells: int, tokens: int, sums: Sums | None = None) -> int:
        """With `cells` texts side by side, each in batches of `tokens` tokens."""
        grams = (sums or Sums()).size(self.widths)
        return self.weights + cells * (grams * self.number + tokens * self.working)

    def sequential(self, states: int, tokens: int, copies: int = 1, sums: Sums | None = None) -> int:
        """With hidden states of `states` tokens, in batches of `tokens` tokens.

        A Gram matrix is reduced in `copies` more of its size: one on the processor, where it is factored in place, two
        on a card.
        """
        sums = sums or Sums()
        grams = sums.size(self.block_widths) + copies * max(self.block_widths) ** 2 * sums.inverse
        return self.outside + self.block + grams * self.number + states * self.state + tokens * self.working


@dataclass(frozen=True)
class Sums:
    """What is summed over each text: the whole and its replicates.

    In one batch an input's Gram matrices are reduced and freed before the next input's begin; over several batches
    those of all inputs live together. Without `inverse` there are none, and the sums of single features are small.
    `rows` is how many a replicate has, where few of them may be kept instead.
    """

    replicates: int = 0
    one_batch: bool = True
    inverse: bool = True
    rows: float = math.inf

    @classmethod
    def of(cls, settings: CalibrationSettings, replicates: int, inverse: bool, on_processor: bool) -> Sums:
        """For texts of as many windows as the settings ask for."""
        rows = settings.tokens / replicates if replicates and on_processor and settings.unit == "tokens" else math.inf
        return cls(replicates, -(-settings.tokens // settings.window) <= settings.batch, inverse, rows)

    def size(self, widths: Sequence[int]) -> int:
        """How many numbers all that live together have, of inputs of such widths."""
        whole = [width**2 * self.inverse for width in widths]
        kept = [width * self.rows if few_rows(self.rows, width) else width**2 for width in widths]
        each = [one + int(self.replicates * self.inverse * other) for one, other in zip(whole, kept, strict=True)]
        return max(sum(whole), *each) if self.one_batch else sum(each)


def few_rows(rows: float, features: int) -> bool:
    """Whether so few rows of an input are kept as they are, on a processor, and no Gram matrix is made of them."""
    return rows <= 0.4 * features


def footprint(outline: nn.Module) -> Footprint:
    """The footprint of a network, whose parameters may be on the meta device."""
    from torch import nn

    from langgeo_core.calibration.inputs import block_linears, block_paths

    itemsize = next(outline.parameters()).element_size()
    inputs: dict[str, list[int]] = {}
    for name, linear in block_linears(outline):
        shape, parts = linear.get_parameter("weight").shape, name.split(".")
        width = int(shape[1] if isinstance(linear, nn.Linear) else shape[0])
        block = ".".join(parts[: next(place for place, part in enumerate(parts) if part.isdigit()) + 1])
        inputs.setdefault(block, []).append(width)
    weights, *blocks = (
        sum(values.numel() * values.element_size() for values in outline.get_submodule(path).parameters())
        for path in ("", *block_paths(outline))
    )
    widths = tuple(width for own in inputs.values() for width in own)
    most = max(inputs.values(), key=lambda own: sum(width**2 for width in own))
    return Footprint(
        weights,
        max(blocks),
        weights - sum(blocks),
        widths,
        tuple(most),
        max(4, itemsize),
        widths[0] * itemsize,
        Footprint.LIVE_ROWS * max(widths) * itemsize,
    )


def allowed_memory(settings: CalibrationSettings, device: torch.device) -> int:
    """What the settings allow, or most of what is free on the device."""
    if settings.memory is not None:
        return int(settings.memory * GIB)
    if device.type == "cuda":
        import torch

        return int(SHARE_OF_FREE * torch.cuda.mem_get_info(device)[0])
    import psutil

    return int(SHARE_OF_FREE * psutil.virtual_memory().available)


MOST_TEXTS = 400
"""Texts of a group: each is locked while it is summed, and a process may open some 1,000 files."""


def groups(texts: Sequence[tuple[Cell, Windows]], most: int) -> Iterable[list[tuple[Cell, Windows]]]:
    """The texts in their order, in groups of at most `most` hidden states; a text of more is a group of its own.

    Padding and special tokens have states as well. A group has at most `MOST_TEXTS`.
    """
    group: list[tuple[Cell, Windows]] = []
    held = 0
    for text in texts:
        states = len(text[1].ids) * (max(map(len, text[1].ids)) + 2)
        if group and (held + states > most or len(group) == MOST_TEXTS):
            yield group
            group, held = [], 0
        group.append(text)
        held += states
    if group:
        yield group


def chosen_device(settings: CalibrationSettings) -> torch.device:
    """The device that the settings name.

    Raises
    ------
    UserError
        If torch cannot use it.
    """
    import torch

    found = torch.cuda.device_count()
    if settings.device == "auto":
        return torch.device("cuda:0" if found else "cpu")
    device = torch.device(settings.device)
    if device.type == "cuda" and (device.index or 0) >= found:
        devices = f"{found} CUDA devices" if found else "no CUDA device"
        raise UserError(
            f"calibration.device={settings.device}: torch {torch.__version__} finds {devices}",
            "set calibration.device=cpu, or install a torch that was built for the card",
        )
    return torch.device("cuda", device.index or 0) if device.type == "cuda" else device


@dataclass(frozen=True)
class OnePass:
    """The whole network on the device."""

    model: LoadedModel
    device: torch.device
    mode = "one-pass"


@dataclass(frozen=True)
class Sequential:
    """A network with empty blocks, and the bytes that calibration may take."""

    model: StreamedModel
    device: torch.device
    size: Footprint
    allowed: int
    sums: Sums = Sums()
    mode = "sequential"

    def groups(self, texts: Sequence[tuple[Cell, Windows]], batch: int) -> Iterable[list[tuple[Cell, Windows]]]:
        """The texts in groups whose hidden states fit in memory together, at least one in each."""
        longest = max((len(window) for _, windows in texts for window in windows.ids), default=0)
        copies = 1 if self.device.type == "cpu" else 2
        left = self.allowed - self.size.sequential(0, batch * longest, copies, self.sums)
        return groups(texts, left // self.size.state)


def open_model(
    model: Model, name: str, settings: CalibrationSettings, replicates: int = 0, inverse: bool = True
) -> OnePass | Sequential:
    """Load a model in the mode of the settings; `auto` is sequential where the whole does not fit and blocks can be.

    Parameters
    ----------
    replicates : how many pieces of each text are summed besides the whole
    inverse : whether there are Gram matrices

    Raises
    ------
    UserError
        If the device is not there, or the mode is not possible with this model.
    """
    import torch

    device = chosen_device(settings)
    sums = Sums.of(settings, replicates, inverse, device.type == "cpu")
    whole = settings.mode == "one-pass"
    if settings.mode == "auto":
        whole = True  # also of a model that cannot say how large it is
        if isinstance(model, StreamingModel):
            together = torch.get_num_threads() if device.type == "cpu" else 1
            needed = footprint(model.outline(settings.dtype)).one_pass(together, settings.batch * settings.window, sums)
            whole = needed <= allowed_memory(settings, device)
    if whole:
        loaded = model.load(settings.dtype)
        loaded.network.to(device)
        return OnePass(loaded, device)
    if not isinstance(model, StreamingModel):
        raise UserError(
            f"the model {name} cannot be loaded a block at a time",
            "set calibration.mode=one-pass, or choose a model of a folder, the hub or a GGUF file",
        )
    streamed = model.load_streamed(settings.dtype)
    streamed.network._apply(lambda values: values if values.is_meta else values.to(device))  # type: ignore[no-untyped-call]
    return Sequential(streamed, device, footprint(streamed.network), allowed_memory(settings, device), sums)
