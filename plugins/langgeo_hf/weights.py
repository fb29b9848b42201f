"""The weight files of a checkpoint folder, and what they say of their tensors; reads no tensor, and no transformers."""

from __future__ import annotations

import json
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open

from langgeo_core.api import UserError

FLOATS = ("F64", "F32", "F16", "BF16")
"""The number formats of weights that are read, as safetensors names them."""
QUANTISED = ("quantization_config", "compression_config")
"""Keys of config.json, at any depth, that say that weights are stored as something else than their values."""
LARGEST_JSON = 100 * 2**20
"""Bytes; the index of the largest published models has a hundredth of this."""


@dataclass(frozen=True)
class Stored:
    """Where a tensor is stored, in which number format, and its shape."""

    file: Path
    dtype: str
    shape: tuple[int, ...]


def check_files(folder: Path) -> None:
    """Check that a folder holds whole weight files whose tensors are weights as they are.

    Raises
    ------
    UserError
        If the checkpoint is quantised, or a file is missing, cut off or something else than it should be.
    """
    for key, value in entries(read_json(folder / "config.json")):
        if key in QUANTISED and value:
            method = value.get("quant_method") if isinstance(value, dict) else None
            raise UserError(
                f"{folder} is quantised (config.json: {key}, method {method or 'not named'}), which is not supported",
                "use the model that it was made from, in float32, float16 or bfloat16; GGUF files are supported",
            )
    if (folder / "adapter_config.json").is_file():
        raise UserError(
            f"{folder} has an adapter (adapter_config.json), which would not be applied",
            "merge it into the weights with peft (merge_and_unload) and save_pretrained, or remove the file",
        )
    stored_tensors(folder)


def weight_files(folder: Path) -> list[Path]:
    """The safetensors files that transformers reads: a single one, or those listed in the index.

    Raises
    ------
    UserError
        If there are none, if files listed in the index are missing, or if it lists what is no file of the folder.
    """
    single, index = folder / "model.safetensors", folder / "model.safetensors.index.json"
    if single.is_file():
        return [single]
    if not index.is_file():
        raise UserError(
            f"{folder} has no model.safetensors and no model.safetensors.index.json",
            "pickled weights are not supported; save the model with save_pretrained",
        )
    listed = read_json(index).get("weight_map")
    names = list(listed.values()) if isinstance(listed, dict) else []
    strange = [name for name in names if not _is_inside(name)]
    if strange or not names:
        what = f"lists {strange[0]!r}, which is no safetensors file in this folder" if strange else "lists no file"
        raise UserError(f"{index}: weight_map {what}", "download the model again")
    files = [folder / name for name in sorted(set(names))]
    absent = [file.name for file in files if not file.is_file()]
    if absent:
        message = f"{folder} lacks {len(absent)} of {len(files)} weight files: {', '.join(absent[:3])}"
        raise UserError(message, "the download is incomplete; download the model again")
    return files


def stored_tensors(folder: Path) -> dict[str, Stored]:
    """Every tensor in the weight files of a folder, from their headers.

    Raises
    ------
    UserError
        As `weight_files`, or if a file is not whole, or two of them hold a tensor of the same name.
    """
    found: dict[str, Stored] = {}
    for file in weight_files(folder):
        for name, stored in _header(file):
            if name in found:
                message = f"{folder}: {name} is both in {found[name].file.name} and in {file.name}"
                raise UserError(message, "download the model again into an empty folder")
            found[name] = stored
    return found


def read_json(file: Path) -> dict[str, Any]:
    """The object in a JSON file of a model folder.

    Raises
    ------
    UserError
        If the file cannot be read, is larger than any such file, or holds something else.
    """
    hint = "download the model again"
    try:
        if not stat.S_ISREG(file.stat().st_mode):
            raise UserError(f"{file} is no ordinary file", hint)
        if file.stat().st_size > LARGEST_JSON:
            raise UserError(f"{file} has more than {LARGEST_JSON >> 20} MB, too many for such a file", hint)
        value = json.loads(file.read_bytes())
    except OSError as failure:
        raise UserError(f"{file} cannot be read: {failure.strerror}", "check `path` of the model") from failure
    except (ValueError, RecursionError) as failure:
        raise UserError(f"{file} is not JSON: {failure}", hint) from failure
    if not isinstance(value, dict):
        raise UserError(f"{file}: expected a JSON object, got {type(value).__name__}", hint)
    return value


def some(names: Iterable[str], most: int = 3) -> str:
    """The first names of several, for a message."""
    listed = list(names)
    return ", ".join(listed[:most]) + (", …" if len(listed) > most else "")


def _header(file: Path) -> Iterator[tuple[str, Stored]]:
    try:
        with safe_open(file, framework="numpy") as tensors:
            for name in tensors.keys():  # noqa: SIM118  it is no mapping
                entry = tensors.get_slice(name)
                yield name, Stored(file, entry.get_dtype(), tuple(entry.get_shape()))
    except (SafetensorError, OSError) as failure:
        raise UserError(f"{file} {_instead(file, failure)}", "download the file again") from failure


def _instead(file: Path, failure: Exception) -> str:
    """What a file is that cannot be read as safetensors."""
    if isinstance(failure, OSError) and failure.strerror:
        return f"cannot be read: {failure.strerror}"
    with file.open("rb") as handle:
        beginning = handle.read(64)
    if not beginning:
        return "is empty"
    if beginning.startswith(b"version https://git-lfs"):
        return "is a pointer of Git LFS, not the weights (`git lfs pull` fetches them)"
    if beginning.lstrip().startswith(b"<"):
        return "is a web page, not the weights"
    return f"is not a whole safetensors file: {failure}"


def _is_inside(name: object) -> bool:
    return isinstance(name, str) and name.endswith(".safetensors") and Path(name).name == name


def entries(value: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """The keys and values of an object and of those inside it."""
    for key, inner in value.items():
        yield key, inner
        if isinstance(inner, dict):
            yield from entries(inner)
