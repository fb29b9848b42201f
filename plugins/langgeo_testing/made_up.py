"""Made-up input: languages, texts, distances, a tiny model, and the folder of a finished run."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save

from langgeo_core.api import (
    Clustering,
    CorpusIdentity,
    DistanceMatrix,
    Embedding,
    Evaluation,
    Language,
    LanguageTable,
    Metric,
    NetworkParts,
    Text,
    WeightMatrix,
    checksums,
    read_record,
    replicate_id,
    schema,
    write_distances,
    write_record,
    write_table,
)

IDS = ("deu", "eng", "swe", "spa", "fra", "ita", "rus", "pol", "fin", "tur", "kaz", "hin")
OTHER_SCRIPTS = {"rus": "Cyrl", "kaz": "Cyrl", "hin": "Deva"}
LETTERS = "abcdefghijklmnopqrstuvwxyz"

Labels = dict[str, tuple[str | None, ...]]


def languages() -> tuple[Language, ...]:
    """Twelve languages of three families, with what Glottolog says of them, and the script that each is written in."""
    known = map(LanguageTable().lookup, IDS)
    return tuple(replace(one, script=OTHER_SCRIPTS.get(one.id, "Latn")) for one in known)


def made_up_text(language: str, letters: int = 700) -> str:
    """Words whose letters follow a distribution of the language's own; the same at every call."""
    draw = random.Random(language)
    weights = [draw.random() ** 4 for _ in LETTERS]
    words = ("".join(draw.choices(LETTERS, weights, k=draw.randint(2, 9))) for _ in range(letters // 4))
    return " ".join(words)[:letters]


class MadeUpCorpus:
    """Texts in three of the languages, as a corpus plugin gives them."""

    def identity(self) -> CorpusIdentity:
        """Nobody's text, for everybody."""
        return CorpusIdentity("made-up", "1", "CC0-1.0", "made up")

    def languages(self) -> tuple[str, ...]:
        """The first three."""
        return IDS[:3]

    def read(self, language: str) -> Text:
        """A hundred words or so, the same at every call."""
        return Text(language, (made_up_text(language),), "made up")


def coordinates(known: tuple[Language, ...]) -> NDArray[np.float64]:
    """(languages, 4) points near those of the same branch, and less near those of the same family."""
    return np.stack(
        [_place(f"family {one.family}", 3) + _place(f"branch {one.branch}", 1.5) + _place(one.id, 0.4) for one in known]
    )


def _place(name: str, spread: float) -> NDArray[np.float64]:
    seed = int.from_bytes(name.encode()[-6:], "big")
    return np.random.default_rng(seed).normal(scale=spread, size=4)


def distances_between(known: tuple[Language, ...]) -> DistanceMatrix:
    """Euclidean distances of the points."""
    points = coordinates(known)
    values = np.sqrt(((points[:, None] - points[None]) ** 2).sum(axis=2))
    np.fill_diagonal(values, 0.0)
    return DistanceMatrix(tuple(one.id for one in known), values)


def halves_between(known: tuple[Language, ...]) -> DistanceMatrix:
    """The same of two halves of each language's text, which lie apart; first halves first."""
    both = [(one, number) for number in (0, 1) for one in known]
    noise = np.stack([_place(f"{number} {one.id}", 0.3) for one, number in both])
    points = np.concatenate([coordinates(known)] * 2) + noise
    values = np.sqrt(((points[:, None] - points[None]) ** 2).sum(axis=2))
    return DistanceMatrix(tuple(replicate_id(one.id, number) for one, number in both), values)


def evaluation(known: tuple[Language, ...], labels: Labels) -> Evaluation:
    """What a run gives an evaluator: one clustering for each level, and one of the clusterer's own number."""
    ids = tuple(one.id for one in known)
    families = {family: number for number, family in enumerate(sorted({one.family for one in known}))}
    groups = np.array([families[one.family] for one in known])
    clusterings = [Clustering(ids, groups, "kmeans", level, len(families), seed) for level in labels for seed in (0, 1)]
    clusterings.append(Clustering(ids, np.where(groups == 1, -1, groups), "hdbscan"))
    embedding = Embedding(ids, coordinates(known))
    parts = _network(known, labels)
    return Evaluation(known, distances_between(known), embedding, tuple(clusterings), labels, 5, parts=parts)


def _network(known: tuple[Language, ...], labels: Labels) -> NetworkParts:
    """A model of two layers, in which the distances grow with the number of matrices that are asked for."""
    matrices = tuple(
        WeightMatrix(f"layers.{layer}.{module}", layer, module, 16, 16, "")
        for layer in (0, 1)
        for module in ("q_proj", "down_proj")
    )

    def distances(_: str, chosen: NDArray[np.bool_]) -> DistanceMatrix:
        whole = distances_between(known)
        return DistanceMatrix(whole.ids, whole.values * chosen.sum())

    def judged(found: DistanceMatrix, seeds: int) -> Evaluation:
        own = {one.id: place for place, one in enumerate(known)}
        rows = [own[identifier] for identifier in found.ids]
        of_part = {level: tuple(classes[row] for row in rows) for level, classes in labels.items()}
        given = evaluation(tuple(known[row] for row in rows), of_part)
        clusterings = tuple(one for one in given.clusterings if one.level and one.seed < seeds)
        return replace(given, distances=found, clusterings=clusterings)

    return NetworkParts({"model": matrices}, distances, judged)


Float64 = NDArray[np.float64]

GROUPS = 3
SIZE = 5


def groups() -> Float64:
    """(15, 3) points in three groups far apart."""
    random = np.random.default_rng(7)
    centres = np.array([[0.0, 0.0, 0.0], [9.0, 1.0, 0.0], [2.0, 8.0, 3.0]])
    return np.repeat(centres, SIZE, axis=0) + random.normal(scale=0.4, size=(GROUPS * SIZE, 3))


def ids_of(count: int) -> tuple[str, ...]:
    """Made-up ids whose alphabetical order is not that of the languages."""
    return tuple(f"x{chr(97 + 7 * place % 26)}{chr(97 + place % 26)}" for place in range(count))


def between(points: Float64) -> DistanceMatrix:
    """The Euclidean distances of points (n, axes)."""
    values = np.sqrt(((points[:, None] - points[None]) ** 2).sum(axis=2))
    np.fill_diagonal(values, 0.0)
    return DistanceMatrix(ids_of(len(points)), values)


def lacking(matrix: DistanceMatrix, places: Sequence[int]) -> DistanceMatrix:
    """The matrix without any pair of the languages at some places."""
    values = matrix.values.copy()
    values[list(places), :] = values[:, list(places)] = np.nan
    np.fill_diagonal(values, 0.0)
    return DistanceMatrix(matrix.ids, values)


def reordered(matrix: DistanceMatrix) -> DistanceMatrix:
    """The same distances with the languages in another order, always the same one."""
    order = np.random.default_rng(3).permutation(len(matrix.ids))
    return matrix.subset([matrix.ids[place] for place in order])


def save_tiny_model(folder: Path, seed: int = 0) -> Path:
    """Two Llama blocks with random weights and a tokenizer of bytes, as the model `huggingface` reads a folder."""
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    config = LlamaConfig(
        vocab_size=258,
        hidden_size=32,
        intermediate_size=48,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        initializer_range=0.2,
        bos_token_id=256,
        pad_token_id=257,
    )
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        LlamaForCausalLM(config).save_pretrained(folder)
    _byte_tokenizer().save_pretrained(folder)
    return folder


def _byte_tokenizer() -> Any:
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    tokenizer = Tokenizer(models.BPE({letter: index for index, letter in enumerate(alphabet)}, []))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, bos_token="<s>", pad_token="<pad>")


def write_run(folder: Path) -> Path:
    """Every table of a finished run of the twelve languages, one model and one corpus."""
    known = languages()
    labels: Labels = {"family": tuple(one.family or None for one in known)}
    run = evaluation(known, labels)
    folder.mkdir(parents=True)
    (folder / "config.yaml").write_text(CONFIG, encoding="utf-8")
    for name, content in (("labels.json", labels), ("embedding.json", {"eigenvalues": []})):
        (folder / name).write_text(json.dumps(content, indent=1), encoding="utf-8")
    write_distances(folder / "distances.csv", run.distances)
    write_distances(folder / "distances" / "model--corpus.csv", run.distances)
    _write_partials(folder / "distances" / "model--corpus.safetensors", run.distances)
    schema.LANGUAGES.write(
        folder / "languages.csv", [{**asdict(one), "lineage": "/".join(one.lineage)} for one in known]
    )
    _write_points(folder / "embedding.csv", run.embedding)
    _write_clusters(folder / "clusters.csv", run.clusterings)
    schema.METRICS.write(folder / "metrics.csv", [metric.row for metric in _metrics()])
    for table, entries in ((schema.COMPARISONS, [EXCEEDS]), (schema.K_SWEEP, [SWEPT]), (schema.KEPT, _kept()),
                           (schema.CELLS, _cells(known))):  # fmt: skip
        table.write(folder / table.name, [dict(zip(table.header, row, strict=True)) for row in entries])
    return seal_run(folder, _record())


def seal_run(folder: Path, record: Mapping[str, Any] | None = None) -> Path:
    """Write run.json, with this record or the one that it has, over all files of a folder, as at the end of a run."""
    record = read_record(folder / "run.json") if record is None else record
    found = (file.relative_to(folder).as_posix() for file in sorted(folder.rglob("*")) if file.is_file())
    names = [name for name in found if name != "run.json"]
    write_record(folder / "run.json", {**record, "files": checksums(folder, names), "finished": True})
    return folder


CONFIG = "name: example\nscorer: sparsegpt\nquantizer: median\ndistance: hamming\naggregator: mean\n"
EXCEEDS = ("char-ngrams", "glottolog", "", "family", "nn1", 0.1, -0.1, 0.3, 0.4, len(IDS))
SWEPT = ("glottolog", "kmeans", "family", "ari", 2, 0.4, 0.1, 3)


def _kept() -> list[tuple[object, ...]]:
    modules = ("q_proj", "down_proj")
    return [("model", "corpus", f"layers.{layer}.{module}", layer, module, 16, 16, 0.5, 0.4, 0.6)
            for layer in range(2) for module in modules]  # fmt: skip


def _cells(known: tuple[Language, ...]) -> list[tuple[object, ...]]:
    return [("model", "corpus", one.id, "calibrated", 128, 0.1, f"{'0' * 64}.safetensors", "0" * 64) for one in known]


def _write_partials(file: Path, distances: DistanceMatrix) -> None:
    """As many differing weights in each of the four matrices as make the distances."""
    partials = np.stack([distances.values * 16 * 16] * len(_kept()))[:, None]
    kept = np.full((len(partials), len(distances.ids)), 0.5)
    names = {"languages": json.dumps(distances.ids), "matrices": json.dumps([row[2] for row in _kept()])}
    file.write_bytes(save({"partials": partials, "kept": kept}, metadata=names))


def _write_points(file: Path, embedding: Embedding) -> None:
    axes = [f"axis_{axis + 1}" for axis in range(embedding.coordinates.shape[1])]
    points = zip(embedding.ids, embedding.coordinates, strict=True)
    write_table(
        file, ["language", *axes], [{"language": name, **dict(zip(axes, row, strict=True))} for name, row in points]
    )


def _write_clusters(file: Path, clusterings: tuple[Clustering, ...]) -> None:
    rows = (
        {"language": name, **vars(one), "cluster": int(label)}
        for one in clusterings
        for name, label in zip(one.ids, one.labels, strict=True)
    )
    schema.CLUSTERS.write(file, rows)


def _metrics() -> list[Metric]:
    tested: dict[str, Any] = {"null_mean": 0.0, "null_sd": 0.1, "p": 0.01, "ci_low": 0.2, "ci_high": 0.6}
    return [
        Metric("glottolog", "ari", 0.4, len(IDS), "kmeans", "family", sd=0.05, seeds=2, k=3, **tested),
        Metric("glottolog", "nn1", 0.8, len(IDS), level="family", **tested),
        Metric("glottolog", "nn1", 0.7, len(IDS), level="family", source="char-ngrams", **tested),
    ]


def _record() -> dict[str, object]:
    component = {"component": "example", "distribution": "langgeo", "version": "0", "summary": "", "source": ""}
    made_up = {"licence": "CC0-1.0", "source": "made up"}
    kinds = ("scorers", "quantizers", "distances", "aggregators", "embedders", "clusterers", "evaluators", "baselines")
    return {
        "name": "example",
        "status": "done",
        "started": "2025-01-01T00:00:00+00:00",
        "langgeo": "0",
        "versions": {},
        "components": {kind: [{"name": "example", "options": {}, **component}] for kind in kinds},
        "models": [{"label": "model", "name": "model", "weights_sha256": "0" * 64, "revision": "1", **made_up}],
        "corpora": [{"label": "corpus", "name": "corpus", "version": "1", **made_up}],
        "calibration": {"tokens": 128, "window": 32, "seed": 0},
        "seed": 0,
        "languages": len(IDS),
        "incidents": [],
        "times": {"calibrate": 1.5, "compare": 0.5},
        "cells_calibrated": len(IDS),
        "cells_reused": 0,
        "finished": True,
    }
