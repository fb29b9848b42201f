"""The texts of a config, and shares of them that can be calibrated apart."""

from __future__ import annotations

from itertools import product
from typing import NamedTuple

from langgeo_core.api import ResolvedConfig, Survey


class Text(NamedTuple):
    """What one cell and its replicates are measured on."""

    model: str
    corpus: str
    language: str


def texts_of(config: ResolvedConfig) -> list[Text]:
    """The texts of a config by model, corpus and language, none of them read; raises ConfigError with every problem."""
    survey = Survey(config)
    survey.settle(False)
    return [
        Text(model, corpus, language)
        for model, corpus in product(survey.models, survey.corpora)
        for language in survey.offered.get(corpus, ())
    ]


def share(texts: list[Text], number: int, count: int) -> list[Text]:
    """The share with this number, from 1, of `count` that differ in size by one text at most; few have two models."""
    return texts[(number - 1) * len(texts) // count : number * len(texts) // count]
