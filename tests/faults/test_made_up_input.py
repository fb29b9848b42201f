"""Made-up configs, overrides, registries, matrices, labels, texts and models end with 0, 1 or 2 and one message."""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from commands import HERE, call
from fault_inputs import small_run
from fuzzing import ODD, many, mutate, mutate_json
from tally import MOST_SECONDS

ROOT = HERE.parents[1]
SEED = 7_000_000
FEW = ["exporters=[]", "evaluators=[]", "baselines=[]", "clusterers=[{name: kmeans, k: 2, seeds: 1, n_init: 1}]"]
KEYS = (
    *(
        "models",
        "corpora",
        "languages",
        "calibration.tokens",
        "calibration.window",
        "calibration.batch",
        "calibration.dtype",
    ),
    *("calibration", "scorer", "scorer.diagonal", "quantizer", "distance", "aggregator", "embedder", "clusterers"),
    *(
        "clusterers.kmeans.k",
        "evaluators",
        "exporters",
        "baselines",
        "transforms",
        "reliability.replicates",
        "seed",
        "parts",
    ),
    *("models.huggingface.path", "corpora.text-folder"),
)
GOOD = (
    *(
        "seed=3",
        "calibration.tokens=50",
        "languages=[deu, eng]",
        "scorer=wanda",
        "distance=jaccard",
        "exporters=[]",
        "parts=layers",
    ),
    *(
        "clusterers=[kmeans]",
        "clusterers.kmeans.k=3",
        "calibration.batch=1",
        "transforms=[]",
        "reliability.replicates=0",
    ),
)


def _config(source: random.Random, folder: Path, good: Path) -> list[str]:
    (folder / "c.yaml").write_bytes(mutate((good / "small.yaml").read_bytes(), source))
    return ["validate", str(folder / "c.yaml")]


def _override(source: random.Random, _: Path, good: Path) -> list[str]:
    def word() -> str:
        if source.random() < 0.5:
            return source.choice(GOOD)
        key = source.choice(KEYS) if source.random() < 0.9 else source.choice(KEYS) + source.choice(ODD)
        value = source.choice((*ODD, "[kmeans]", "{name: x}", "wanda", "hamming", "[deu, eng]", "all", "2", "float64"))
        return (
            mutate(f"{key}={value}".encode(), source).decode(errors="surrogateescape")
            if source.random() < 0.3
            else f"{key}={value}"
        )

    return ["validate", str(good / "small.yaml"), *(word() for _ in range(source.choice((1, 1, 2, 5))))]


def _registry(source: random.Random, folder: Path, good: Path) -> list[str]:
    (folder / "r.yaml").write_bytes(mutate((ROOT / "registry.yaml").read_bytes(), source))
    return ["--registry", str(folder / "r.yaml"), "validate", str(good / "small.yaml")]


STUDY = [[0, 0.5, 0.3], [0.5, 0, 0.2], [0.3, 0.2, 0]]


def _given(name: str) -> bytes:
    return (ROOT / "tests" / "cases" / name).read_bytes()


def _matrix(source: random.Random, folder: Path, _: Path) -> list[str]:
    name = source.choice(
        ("labels-na/ok.csv", "splitstree-format/st4_nodiag.nex", "splitstree-format/missing_x.nex",
         "nexus-brackets-in-quotes/matrix.nex", "names-read-as-codes/matrix.csv", "json", "phylip")
    )  # fmt: skip
    if name == "json":
        content = json.dumps({"languages_list": ["deu", "eng", "fra"], "average_distances_matrix": STUDY}).encode()
    elif name == "phylip":
        content = b"4\ndeu 0 0.5 0.3 0.4\neng 0.5 0 0.2 0.6\nfra 0.3 0.2 0 0.1\nita 0.4 0.6 0.1 0\n"
    else:
        content = _given(name)
    file = folder / f"m{source.choice((Path(name).suffix or '.' + name, '.csv', '.txt'))}"
    file.write_bytes(mutate_json(content, source) if name == "json" else mutate(content, source))
    return ["-q", "evaluate", str(file), *FEW, "--out", str(folder / "run")]


def _labels(source: random.Random, folder: Path, _: Path) -> list[str]:
    content = _given(source.choice(("labels-na/na.csv", "labels-na/pandas.csv", "carriage-returns/labels.csv")))
    (folder / "labels.csv").write_bytes(mutate(content, source))
    labels = f"evaluators=[{{name: labels, file: {folder / 'labels.csv'}, permutations: 2, subsamples: 2}}]"
    few = [word for word in FEW if "evaluators" not in word]
    return ["-q", "evaluate", str(ROOT / "tests/cases/labels-na/ok.csv"), *few, labels, "--out", str(folder / "run")]


NAMES = ("deu.txt", "eng.txt", "spa.txt", "spa.jsonl", "spa.json", "SPA.TXT", "x.txt", "spa.txt.gz", "deu-x.txt")


def _texts(source: random.Random, folder: Path, good: Path) -> list[str]:
    texts = folder / "texts"
    shutil.copytree(good / "texts", texts)
    for _ in range(source.choice((1, 2))):
        name = source.choice(NAMES)
        content = (good / "texts" / "deu.txt").read_bytes()
        if name.endswith("jsonl"):
            content = b"".join(b'{"text": "' + line + b'"}\n' for line in content.split()[:30])
        how = source.random()
        if how < 0.1:
            content = content.decode().encode(source.choice(("utf-16", "utf-16-le", "utf-32", "utf-8-sig")))
        if (texts / name).is_dir() and not (texts / name).is_symlink():
            (texts / name).rmdir()
        (texts / name).unlink(missing_ok=True)
        if how > 0.95:
            (texts / name).symlink_to(source.choice(("gone.txt", "deu.txt", "/dev/zero", ".", name)))
        elif how > 0.9:
            (texts / name).mkdir()
        else:
            (texts / name).write_bytes(mutate(content, source))
    return ["validate", str(good / "small.yaml"), "--text", str(texts)]


def _model(source: random.Random, folder: Path, good: Path) -> list[str]:
    model = folder / "model"
    shutil.copytree(good / "model", model)
    name = source.choice(
        (
            "config.json",
            "config.json",
            "tokenizer.json",
            "tokenizer_config.json",
            "model.safetensors",
            "generation_config.json",
        )
    )
    content = (model / name).read_bytes()
    if name == "model.safetensors":
        size = int.from_bytes(content[:8], "little")
        header = mutate_json(content[8 : 8 + size], source)
        length = len(header) if source.random() < 0.8 else source.choice((0, 1, 2**20, 2**62, size))
        content = length.to_bytes(8, "little") + header + content[8 + size :]
    else:
        content = mutate_json(content, source)
    (model / name).write_bytes(content)
    words = ["-q", "run", str(good / "small.yaml"), f"models.huggingface.path={model}", *FEW]
    return [*words, "reliability.replicates=0", "languages=[deu, eng, fra]", "--out", str(folder / "run")]


Make = Callable[[random.Random, Path, Path], list[str]]
KINDS: dict[str, tuple[Make, int]] = {
    "config": (_config, 600),
    "override": (_override, 600),
    "registry": (_registry, 200),
    "matrix": (_matrix, 400),
    "labels": (_labels, 200),
    "texts": (_texts, 300),
    "model folder": (_model, 160),
}
PARTS = 4


class Maker:
    """`make(source, folder)` of a kind, as another process can be given it."""

    def __init__(self, kind: str, good: Path) -> None:
        self.kind, self.good = kind, good

    def __call__(self, source: random.Random, folder: Path) -> list[str]:
        return KINDS[self.kind][0](source, folder, self.good)


@pytest.fixture(scope="session")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A good config with its model and texts."""
    folder = tmp_path_factory.mktemp("good") / "input"
    small_run(folder)
    return folder


@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("kind", KINDS)
def test_made_up(kind: str, part: int, good: Path, tmp_path: Path) -> None:
    times = KINDS[kind][1] // PARTS
    seed = SEED + part * 100_000
    arguments = (kind, Maker(kind, good), seed, times, str(tmp_path / "input"), str(tmp_path / "wrong"))
    ended = call(["--version"], tmp_path, tmp_path / "cache", (many, arguments), seconds=times * MOST_SECONDS)
    assert ended.code == 0, ended.told[-2000:]
    wrong = (tmp_path / "wrong").read_text(encoding="utf-8")
    assert not wrong, wrong
