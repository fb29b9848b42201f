"""The keys of a config, with their types, units and defaults."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints, ValidationInfo, WithJsonSchema, create_model, field_validator

from langgeo_core.config.typed import Wording, paths_of
from langgeo_core.contract.options import Options
from langgeo_core.contract.records import KEYS, fits_file_name
from langgeo_core.system.processor import number_format

FEWEST_TOKENS = 16
"""Fewer tokens of a text say nothing about it: they are refused whatever the policy."""
_LARGEST_SEED = 2**31 - 1  # numpy's and scikit-learn's seeds are 32-bit, and repetitions count upwards from this one
_DEVICES = r"^(auto|cpu|cuda(:\d+)?)$"
_LAYERS = re.compile(r"^(\d+(-\d+)?|[01]?\.\d+-[01]?\.\d+)$")

Choice = Annotated[str | dict[str, Any], Wording("a component's name, or a map of its name and options")]
LanguageName = Annotated[str, StringConstraints(min_length=1)]
LayerRange = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1),
    WithJsonSchema({"type": ["string", "integer"], "pattern": _LAYERS.pattern}),
]
ModuleName = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


@dataclass(frozen=True)
class Begins:
    """Put into `Annotated`: the first stage whose result depends on a setting."""

    stage: str


class CalibrationSettings(Options):
    """How much of each language's text the model reads, and how."""

    unit: Literal["tokens", "characters", "bytes", "lines"] = Field(
        default="tokens",
        description="What `tokens` and `window` count, the same number for every language: tokens, characters, bytes "
        "of UTF-8 or lines.",
    )
    tokens: int = Field(
        default=2048,
        ge=1,
        description="Tokens of text a cell (model x corpus x language) reads, at least 16; or 1 of another `unit`.",
        json_schema_extra={"unit": "tokens"},
    )
    window: int = Field(
        default=512,
        ge=1,
        description="Length of one sequence in a forward pass, at least 2, or 1 where `unit` is lines.",
        json_schema_extra={"unit": "tokens"},
    )
    sampling: Literal["rounds", "one-a-document"] = Field(
        default="rounds",
        description="Windows in rounds over the documents until there are enough; or one full window, from a random "
        "token on, of each of as many documents, as published.",
    )
    seed: int = Field(default=0, ge=0, le=_LARGEST_SEED, description="Seed of the choice of windows from the text.")
    bos: bool = Field(
        default=True,
        description="Start every window with the tokenizer's beginning-of-sequence token; its row is not counted.",
    )
    short: Literal["error", "skip", "cycle", "use"] = Field(
        default="error",
        description="What to do with a language whose text has fewer tokens: stop, leave it out, repeat its text, "
        "or use what there is.",
    )
    batch: int = Field(
        default=8, ge=1, description="Windows in one forward pass.", json_schema_extra={"unit": "windows"}
    )
    device: str = Field(
        default="auto",
        description="Where calibration runs, and where separable scores are counted: cpu, cuda or cuda:N; auto: a CUDA "
        "device if there is one, else cpu.",
        json_schema_extra={"pattern": _DEVICES},
    )
    dtype: Literal["float32", "float64", "bfloat16", "auto"] = Field(
        default="float32",
        description="Number format of the forward pass; auto: bfloat16 on a CUDA device and where the processor "
        "multiplies it faster, else float32, decided when the config is read.",
    )
    mode: Literal["auto", "one-pass", "sequential"] = Field(
        default="auto",
        description="The whole model in memory; or one block at a time, for models that do not fit; auto: the first "
        "where it fits.",
    )
    memory: float | None = Field(
        default=None,
        gt=0,
        allow_inf_nan=False,
        description="Memory of the device to go by in choosing the mode and how many cells go through a block "
        "together. Unset: four fifths of what is free.",
        json_schema_extra={"unit": "GiB"},
    )

    damping: float = Field(
        default=0.01,
        gt=0,
        allow_inf_nan=False,
        description="λ of H = XᵀX / tokens + λI.",
        json_schema_extra={"unit": "multiples of the mean diagonal of XᵀX / tokens"},
    )

    @field_validator("tokens", "window")
    @classmethod
    def _long_enough(cls, number: int, info: ValidationInfo) -> int:
        unit = info.data.get("unit", "lines")
        least = (FEWEST_TOKENS if unit == "tokens" else 1) if info.field_name == "tokens" else 1 + (unit != "lines")
        if number < least:
            raise ValueError(f"must be a whole number ≥ {least} where `calibration.unit` is {unit}, got '{number}'")
        return number

    @field_validator("dtype")
    @classmethod
    def _decided(cls, dtype: str, info: ValidationInfo) -> str:
        return number_format(info.data.get("device", "cpu")) if dtype == "auto" else dtype

    @field_validator("device")
    @classmethod
    def _known_device(cls, device: str) -> str:
        if not re.match(_DEVICES, device):
            raise ValueError(f"must be auto, cpu, cuda or cuda:N, got {device!r}")
        return device


class ReliabilitySettings(Options):
    """What is measured besides the distances, to find out how far they can be trusted."""

    replicates: int = Field(
        default=0,
        ge=0,
        description="Measure every language on each of this many disjoint pieces of its text as well, of equally many "
        "windows, in the same forward passes. 2: split halves; 3 or more: trees also get jackknife support. 0: none.",
    )
    each: Literal["window", "line"] = Field(
        default="window",
        description="How windows are dealt to replicates. window: in turn, without those that repeat earlier ones. "
        "line: by the numbers of their lines, for parallel texts: the same lines go to the same replicate in "
        "every language, which must all have the same number of lines. It needs `calibration.unit: lines` and deals "
        "`calibration.window` lines at a time; a window of 1 deals single lines.",
    )

    @field_validator("replicates")
    @classmethod
    def _none_or_several(cls, replicates: int) -> int:
        if replicates == 1:
            raise ValueError("one replicate is the whole text: write 0 for none, or 2 or more")
        return replicates


class PartsSettings(Options):
    """Which weight matrices the distances are summed over. Thresholds are those of the whole network."""

    layers: tuple[LayerRange, ...] = Field(
        default=(),
        description="Layers, counted from 0: one (7), a range with both ends (7-10), or a range of depth from 0.0 to "
        "1.0 (0.4-0.6), which holds the layers whose middle lies in it. Left out: all.",
    )
    modules: tuple[ModuleName, ...] = Field(
        default=(),
        description="Modules as kept.csv names them (mlp.down_proj), or the last words of that (down_proj). Left out: "
        "all.",
    )

    @field_validator("layers")
    @classmethod
    def _ranges(cls, layers: tuple[str, ...]) -> tuple[str, ...]:
        for written in layers:
            low, _, high = written.partition("-")
            if not _LAYERS.fullmatch(written) or (high and float(low) > float(high)):
                raise ValueError(f"{written!r} is not layers: write 7, 7-10, or a range of depth such as 0.4-0.6")
        return layers


class MatrixSettings(Options):
    """A file of distances that replaces models and texts."""

    file: Path = Field(description="The file, in a format that a reader knows (`langgeo list readers`).")
    format: str | None = Field(
        default=None, min_length=1, description="The name of the reader. Unset: recognised by how the file begins."
    )
    name: str | None = Field(
        default=None, min_length=1, description="Which of several matrices in the file. Unset: the file's default."
    )
    skip_unknown: bool = Field(default=False, description="Leave out languages that are not known, with a note.")
    distances: bool = Field(default=False, description="These are distances, even if they look like similarities.")
    scripts: Path | None = Field(None, description="A table of languages and scripts. Unset: the usual script of each.")

    @field_validator("file", "scripts")
    @classmethod
    def _absolute(cls, file: Path | None) -> Path | None:
        return file and file.expanduser().absolute()


class Identified(Options):
    """The keys that every config has."""

    name: Annotated[str, Begins("report")] = Field(
        default="", min_length=1, description="Name of the run. Left out: the config file's name."
    )
    seed: Annotated[int, Begins("cluster")] = Field(
        default=0, ge=0, le=_LARGEST_SEED, description="Seed of clustering and evaluation."
    )
    languages: tuple[LanguageName, ...] = Field(
        min_length=1, description="Language ids, names of language sets of registry.yaml, or `all`."
    )

    @field_validator("name")
    @classmethod
    def _fit_for_a_folder(cls, name: str) -> str:
        if not fits_file_name(name):
            raise ValueError('the name becomes a folder: no / \\ : * ? " < > |, no dot in front, at most 100 bytes')
        return name

    @field_validator("languages")
    @classmethod
    def _all_is_all(cls, languages: tuple[str, ...]) -> tuple[str, ...]:
        if "all" in languages and len(languages) > 1:
            raise ValueError("`all` cannot be combined with other entries: leave them out")
        return languages


class Measured(Identified):
    """And those of a config whose distances models make."""

    calibration: Annotated[CalibrationSettings, Begins("calibrate")] = Field(
        default_factory=CalibrationSettings, description="How much of each language's text the model reads, and how."
    )
    reliability: Annotated[ReliabilitySettings, Begins("calibrate")] = Field(
        default_factory=ReliabilitySettings, description="How far the distances can be trusted."
    )
    parts: Annotated[PartsSettings, Begins("compare")] = Field(
        default_factory=PartsSettings, description="Which weight matrices the distances are summed over."
    )
    store: str | None = Field(
        default=None, min_length=1, description="Where machines share cells, such as s3://bucket/langgeo."
    )

    @field_validator("reliability")
    @classmethod
    def _lines_to_deal(cls, reliability: ReliabilitySettings, info: ValidationInfo) -> ReliabilitySettings:
        calibration = info.data.get("calibration")
        if reliability.each == "line" and calibration and calibration.unit != "lines":
            raise ValueError("`reliability.each: line` needs `calibration.unit: lines`")
        return reliability


class RunSettings(Measured):
    """What a run needs besides its components. `matrix` is set where no model makes the distances."""

    languages: Annotated[tuple[LanguageName, ...], Begins("calibrate")] = ()
    matrix: Annotated[MatrixSettings | None, Begins("calibrate")] = None


class Given(Identified):
    """The keys of a config whose distances come from a file."""

    matrix: MatrixSettings = Field(description="A file of distances that replaces models and texts.")
    languages: tuple[LanguageName, ...] = Field(
        default=("all",), min_length=1, description="Which languages of the matrix. Left out: all."
    )


LIST_KEYS = ("languages", *(key for key, record in KEYS.items() if not record.single))
"""The keys that hold lists."""
DISTANCE_KEYS = tuple(key for key, record in KEYS.items() if record.makes_distances)
"""The keys that a config with a `matrix` does not have."""


def first_stage(key: str) -> str:
    """The first stage whose result depends on a key of a config, as the kind or the setting says; empty for none."""
    if key in KEYS:
        return KEYS[key].stage
    return next((mark.stage for mark in RunSettings.model_fields[key].metadata if isinstance(mark, Begins)), "")


def _with_components(name: str, settings: type[Identified], keys: Iterable[str]) -> type[Identified]:
    """The schema of a whole config file; a list that makes distances has no default, so it needs an entry."""
    fields: dict[str, Any] = {}
    for record in map(KEYS.__getitem__, keys):
        if record.single:
            fields[record.key] = (Choice | None, Field(default=None, description=record.help))
        else:
            least: dict[str, Any] = {"min_length": 1} if record.makes_distances else {"default": []}
            fields[record.key] = (list[Choice], Field(description=record.help, **least))
    return create_model(name, __base__=settings, **fields)


ConfigSchema = _with_components("ConfigSchema", Measured, KEYS)
"""A config file. Components left out come from registry.yaml's defaults."""
MatrixSchema = _with_components("MatrixSchema", Given, [key for key in KEYS if key not in DISTANCE_KEYS])
"""A config file whose distances come from a file: nothing that would make them is in it."""
PATHS = tuple(paths_of(ConfigSchema))
"""The dotted paths of all keys of a config file, without the options of components."""
