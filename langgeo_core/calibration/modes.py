"""Where a model is calibrated and how: on which device, and whether all of it is in memory at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import torch

from langgeo_core.calibration.inputs import find_layout
from langgeo_core.calibration.memory import Cell, Footprint, allowed, footprint, groups
from langgeo_core.calibration.sequential import find_streamed_layout
from langgeo_core.calibration.windows import Windows
from langgeo_core.config.schema import CalibrationSettings
from langgeo_core.contract.errors import UserError
from langgeo_core.contract.protocols import LoadedModel, Model, StreamedModel, StreamingModel
from langgeo_core.contract.types import Layout


def chosen_device(settings: CalibrationSettings) -> torch.device:
    """The device that the settings name.

    Raises
    ------
    UserError
        If torch cannot use it.
    """
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

    def layout(self, probe: list[int]) -> Layout:
        """The network's layout, from one short pass."""
        return find_layout(self.model.network, probe)


@dataclass(frozen=True)
class Sequential:
    """A network with empty blocks, and the bytes that calibration may take."""

    model: StreamedModel
    device: torch.device
    size: Footprint
    allowed: int
    mode = "sequential"

    def layout(self, probe: list[int]) -> Layout:
        """The network's layout, from one short pass over all weights."""
        return find_streamed_layout(self.model, probe)

    def groups(self, cells: Sequence[tuple[Cell, Windows]], batch: int) -> Iterable[list[tuple[Cell, Windows]]]:
        """The cells in groups whose hidden states fit in memory together, at least one in each."""
        longest = max((len(window) for _, windows in cells for window in windows.ids), default=0)
        copies = 1 if self.device.type == "cpu" else 2
        left = self.allowed - self.size.sequential(0, batch * longest, copies)
        return groups(cells, left // self.size.state)


def open_road(model: Model, name: str, settings: CalibrationSettings) -> OnePass | Sequential:
    """Load a model in the mode of the settings; `auto` is sequential where the whole does not fit and blocks can be.

    Raises
    ------
    UserError
        If the device is not there, or the mode is not possible with this model.
    """
    device = chosen_device(settings)
    if settings.mode == "one-pass" or (settings.mode == "auto" and _fits(model, settings, device)):
        return _one_pass(model, settings, device)
    if isinstance(model, StreamingModel):
        return _sequential(model, settings, device)
    if settings.mode == "auto":
        return _one_pass(model, settings, device)
    raise UserError(
        f"the model {name} cannot be loaded a block at a time",
        "set calibration.mode=one-pass, or choose a model of a folder, the hub or a GGUF file",
    )


def _one_pass(model: Model, settings: CalibrationSettings, device: torch.device) -> OnePass:
    loaded = model.load(settings.dtype)
    loaded.network.to(device)
    return OnePass(loaded, device)


def _sequential(model: StreamingModel, settings: CalibrationSettings, device: torch.device) -> Sequential:
    streamed = model.load_streamed(settings.dtype)
    streamed.network._apply(lambda values: values if values.is_meta else values.to(device))  # type: ignore[no-untyped-call]
    return Sequential(streamed, device, footprint(streamed.network), allowed(settings, device))


def _fits(model: Model, settings: CalibrationSettings, device: torch.device) -> bool:
    """Whether the whole fits; where a model cannot say how large it is, it has to."""
    if not isinstance(model, StreamingModel):
        return True
    together = torch.get_num_threads() if device.type == "cpu" else 1
    tokens = settings.batch * settings.window
    return footprint(model.outline(settings.dtype)).one_pass(together, tokens) <= allowed(settings, device)
