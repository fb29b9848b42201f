"""Options of the made-up languages, of the model that learns them, and of the controls."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from langgeo_core.api import FromConfig, Options
from langgeo_inference.api import ResamplingOptions

Seed = Annotated[int, FromConfig("seed")]
Rate = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Share = Annotated[float, Field(ge=0, le=1)]
Inner = str | dict[str, Any]
SEED = "Random seed. Default: the config's `seed`."


class SyntheticOptions(Options):
    """A world of made-up languages: its tree, how languages change along it, and how much they write."""

    seed: Seed = Field(0, ge=0, description=SEED)
    tree: str = Field(
        "balanced",
        description="`balanced` over three levels, `star`, or a tree as Newick text, such as ((a:1,b:1):2,c:3);",
    )
    families: int = Field(2, ge=1, le=520, description="Families; of a star, classes drawn at random.")
    branches: int = Field(3, ge=1, le=520, description="Branches of each family.")
    languages: int = Field(4, ge=1, le=520, description="Languages of each branch.")
    lengths: tuple[Rate, Rate, Rate] = Field(
        (3.0, 1.5, 0.2), description="How long languages change as a family, as a branch, and alone."
    )
    sounds: Rate = Field(4.0, description="Sound changes on a branch of length 1.")
    words: Rate = Field(0.3, description="Rate at which words are replaced; after length 1 a share exp(-rate) is left.")
    affixes: Rate = Field(0.15, description="Rate at which affixes are replaced, worn down or moved.")
    order: Rate = Field(0.15, description="Rate at which each choice of word order is drawn again.")
    contact: Share = Field(0.05, description="Share of its words that each language borrows from a neighbour.")
    second_script: bool = Field(
        False, description="Whether every second language is written in a second script: so half of each branch is."
    )
    twin: bool = Field(True, description="Whether the first language is also written in a second script.")
    sentences: int = Field(1500, ge=20, description="Sentences of each language; with imbalance, of the one with most.")
    imbalance: float = Field(
        1.0,
        ge=1,
        allow_inf_nan=False,
        description="Ratio of the largest to the smallest number of sentences of a language.",
    )
    noise: Share = Field(0.0, description="Share of letters that are replaced by a random one.")
    parallel: bool = Field(False, description="Whether all languages have the same sentences, or each its own.")

    @model_validator(mode="after")
    def _enough_codes(self) -> Self:
        count = self.families * self.branches * self.languages
        if not 3 <= count <= 520:
            raise ValueError(f"families x branches x languages is {count}; it must be 3 to 520")
        return self


class ByteLmOptions(Options):
    """Size and training of the model that learns the run's texts."""

    seed: Seed = Field(0, ge=0, description=SEED)
    layers: int = Field(2, ge=1, description="Decoder blocks.")
    width: int = Field(128, ge=8, multiple_of=8, description="Features of the hidden states, a multiple of `heads`.")
    heads: int = Field(4, ge=1, description="Attention heads.")
    window: int = Field(128, ge=8, description="Bytes in a training sequence.")
    batch: int = Field(16, ge=1, description="Sequences in a training step.")
    steps: int = Field(400, ge=0, description="Training steps; with 0 the model keeps its random weights.")
    learning_rate: float = Field(3e-3, gt=0, allow_inf_nan=False, description="The highest, after the warm-up.")

    @model_validator(mode="after")
    def _whole_heads(self) -> Self:
        if self.width % (2 * self.heads):
            raise ValueError(f"width {self.width} is not a multiple of twice the number of heads, {self.heads}")
        return self


class RandomInitOptions(Options):
    """Which architecture, and which seed."""

    model: Inner = Field(
        description="The model whose architecture and tokenizer are taken: a name, or a map as in `models`."
    )
    seed: Seed = Field(0, ge=0, description=SEED)


class ShuffledOptions(Options):
    """Which corpus, and what is put in random order."""

    corpus: Inner = Field(description="The corpus that is shuffled: a name, or a map as in `corpora`.")
    units: Literal["characters", "words"] = Field(
        "characters", description="What is shuffled within a document: characters or words."
    )
    seed: Seed = Field(0, ge=0, description=SEED)


class PiecesOptions(Options):
    """Which text is divided, and among how many languages."""

    corpus: Inner = Field(description="The corpus of the text: a name, or a map as in `corpora`.")
    language: str = Field(description="The language whose text is divided.")
    count: int = Field(24, ge=4, le=520, description="Number of made-up languages.")
    branches: int = Field(6, ge=2, le=520, description="Number of random classes of these.")
    seed: Seed = Field(0, ge=0, description=SEED)


class SyntheticTreeOptions(ResamplingOptions):
    """Which levels of the tree, and how much resampling."""

    levels: tuple[Literal["family", "branch"], ...] = Field(
        ("family", "branch"), min_length=1, description="Levels of the tree: its uppermost nodes, and those below."
    )
