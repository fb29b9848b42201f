"""The keys of a config, with their types, units and defaults."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints, field_validator

from langgeo_core.config.shapes import Wording
from langgeo_core.options import Options

_LARGEST_SEED = 2**31 - 1  # numpy's and scikit-learn's seeds are 32-bit, and repetitions count upwards from this one

Choice = Annotated[str | dict[str, Any], Wording("a component's name, or a map of its name and options")]
Choices = list[Choice]
LanguageName = Annotated[str, StringConstraints(min_length=1)]


class CalibrationSettings(Options):
    """How much of each language's text the model reads, and how."""

    tokens: int = Field(
        default=2048,
        ge=1,
        description="Tokens of text a cell (model x corpus x language) reads.",
        json_schema_extra={"unit": "tokens"},
    )
    window: int = Field(
        default=512, ge=2, description="Length of one sequence in a forward pass.", json_schema_extra={"unit": "tokens"}
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
    dtype: Literal["float32", "float64", "bfloat16"] = Field(
        default="float32", description="Number format of the forward pass."
    )
    damping: float = Field(
        default=0.01,
        gt=0,
        allow_inf_nan=False,
        description="λ of H = XᵀX / tokens + λI.",
        json_schema_extra={"unit": "multiples of the mean diagonal of XᵀX / tokens"},
    )


class RunSettings(Options):
    """What a run needs beside its components."""

    name: str = Field(min_length=1, description="Name of the run.")
    seed: int = Field(default=0, ge=0, le=_LARGEST_SEED, description="Seed of clustering and evaluation.")
    languages: tuple[LanguageName, ...] = Field(
        min_length=1, description="Language ids, names of language sets of registry.yaml, or `all`."
    )
    calibration: CalibrationSettings = Field(
        default=CalibrationSettings(), description="How much of each language's text the model reads, and how."
    )

    @field_validator("name")
    @classmethod
    def _fit_for_a_folder(cls, name: str) -> str:
        if name in (".", "..") or set(name) & set("/\\"):
            raise ValueError("the name becomes a folder, so it cannot hold / or \\")
        return name

    @field_validator("languages")
    @classmethod
    def _all_stands_alone(cls, languages: tuple[str, ...]) -> tuple[str, ...]:
        if "all" in languages and len(languages) > 1:
            raise ValueError("`all` stands alone: leave the other languages out")
        return languages


class ConfigSchema(RunSettings):
    """A config file. Components left out come from registry.yaml's defaults."""

    name: str = Field(default="", min_length=1, description="Name of the run. Left out: the config file's name.")
    models: Choices = Field(min_length=1, description="The language models.")
    corpora: Choices = Field(min_length=1, description="The texts that the models read.")
    scorer: Choice | None = Field(default=None, description="How important a weight is for a language.")
    quantizer: Choice | None = Field(default=None, description="How scores become signatures.")
    distance: Choice | None = Field(default=None, description="How far two signatures are apart.")
    aggregator: Choice | None = Field(default=None, description="How models and corpora are put together.")
    embedder: Choice | None = Field(default=None, description="How languages are placed in a space.")
    clusterers: Choices = Field(default=[], description="How languages are grouped.")
    evaluators: Choices = Field(default=[], description="What the space is compared with.")
    baselines: Choices = Field(default=[], description="Distances without a language model, for comparison.")
    exporters: Choices = Field(default=[], description="What is written beside the tables of a run.")

    @field_validator("baselines")
    @classmethod
    def _not_the_run_itself(cls, baselines: Choices) -> Choices:
        written = [choice if isinstance(choice, dict) else {"name": choice} for choice in baselines]
        if any(choice.get("as", choice.get("name")) == "run" for choice in written):
            raise ValueError("`run` is what the tables call the run itself: name the baseline otherwise, with `as: …`")
        return baselines


SINGLE_KEYS = {
    "scorer": "scorers",
    "quantizer": "quantizers",
    "distance": "distances",
    "aggregator": "aggregators",
    "embedder": "embedders",
}
COMPONENT_KEYS = {
    "models": "models",
    "corpora": "corpora",
    **SINGLE_KEYS,
    "clusterers": "clusterers",
    "evaluators": "evaluators",
    "baselines": "baselines",
    "exporters": "exporters",
}
LIST_KEYS = ("models", "corpora", "languages", "clusterers", "evaluators", "baselines", "exporters")
"""Which kind of component each key of a config chooses, and which keys hold lists."""
