"""What the new package of each kind says of itself, and how it is tried."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Kit:
    """The words of one kind.

    Parameters
    ----------
    summary : the record's one line, true of what the template does
    try_it : what to type after `langgeo run`; `{name}` is the component's
    extra : further fields of the record
    needs : what the contract checks pass beside kind and name
    setup : lines of the contract's test before the checks
    """

    summary: str
    try_it: str
    extra: str = ""
    needs: str = ""
    setup: str = ""


KITS = {
    "models": Kit(
        "A model in a folder that save_pretrained wrote.",
        "starter-small 'models=[{{name: {name}, path: FOLDER}}]'",
        extra='licence="see the folder",',
        needs=", options=tiny_model",
        setup="tiny_model",
    ),
    "corpora": Kit(
        "The texts in the folder texts of this package.",
        "starter-small corpora={name} languages=all calibration.tokens=64 calibration.window=32",
        extra='licence="CC0-1.0",',
    ),
    "scorers": Kit(
        "w_ij² · (Σ x_j² / tokens + λ)^power.", "starter-small scorer={name}", extra='statistics=("gram_diagonal",),'
    ),
    "quantizers": Kit(
        "One bit a weight: whether its score exceeds the language's mean score.", "starter-small quantizer={name}"
    ),
    "distances": Kit("Dice: differing weights over the sizes of both kept sets.", "starter-small distance={name}"),
    "aggregators": Kit("Power mean over the models and corpora that have a pair.", "starter-small aggregator={name}"),
    "transforms": Kit("The distances to a power.", "starter-small transforms={name}", extra="pairwise=True,"),
    "embedders": Kit("Principal axes of the languages' rows of distances.", "starter-small embedder={name}"),
    "clusterers": Kit("Languages joined by their nearest neighbours.", "starter-small clusterers={name}"),
    "evaluators": Kit(
        "Whether the nearest language has the same script, against shuffled scripts.",
        "starter-small 'evaluators=[glottolog,{name}]'",
    ),
    "baselines": Kit("How unlike the mean length of words is.", "starter-small 'baselines=[char-ngrams,{name}]'"),
    "exporters": Kit("The nearest neighbours of each language as a table.", "starter-small exporters={name}"),
}
