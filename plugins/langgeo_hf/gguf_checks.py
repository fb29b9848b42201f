"""Checks that a GGUF file is whole, and that transformers has read all of it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from langgeo_core.api import UserError
from langgeo_hf.weights import some

AGAIN = "download the file again"
COMPUTED = re.compile(r"^blk\.\d+\.attn_rot_embd\.")
"""Tensors that old files store though networks compute them."""


def check_magic(file: Path) -> None:
    """Raise UserError if a file does not begin as GGUF does."""
    try:
        with file.open("rb") as handle:
            beginning = handle.read(4)
    except OSError as failure:
        raise UserError(f"{file} cannot be read: {failure.strerror}", "check its permissions") from failure
    if beginning != b"GGUF":
        raise UserError(f"{file} {'is no GGUF file' if beginning else 'is empty'}", AGAIN)


def check_gguf(file: Path) -> None:
    """Check that a GGUF file is whole, complete in itself and says nothing that transformers would leave out.

    Raises
    ------
    UserError
        If it is cut off, a part of a split file, or has rotary positions that transformers does not read.
    """
    from gguf import GGUFReader
    from transformers.integrations.gguf.reader import read_gguf_metadata

    check_magic(file)
    try:
        metadata, _ = read_gguf_metadata(str(file))
        reader = GGUFReader(file)
    except Exception as failure:  # the readers check nothing: whatever they raise, the header or the data are cut off
        raise UserError(f"{file} is not a whole GGUF file: {failure}", AGAIN) from failure
    parts = metadata.get("split.count", 1)
    if parts != 1:
        raise UserError(
            f"{file} is part {metadata.get('split.no', 0) + 1} of {parts} of a split GGUF file",
            "join the parts with `llama-gguf-split --merge`, and give the joined file",
        )
    scaling = metadata.get(f"{metadata['general.architecture']}.rope.scaling.type", "none")
    factors = [tensor.name for tensor in reader.tensors if tensor.name.startswith("rope_") and (tensor.data != 1).any()]
    if scaling != "none" or factors:
        what = f"the tensor {factors[0]}" if factors else f"rope.scaling.type {scaling}"
        raise UserError(
            f"{file} scales its rotary positions ({what}), which transformers does not read from GGUF",
            "use the model in a folder of safetensors",
        )


def check_conversion(file: Path, model: Any, report: Any) -> None:
    """Check that transformers has filled all of a network from a GGUF file, and used all tensors of its layers.

    Raises
    ------
    UserError
        With the names of tensors that are missing, of another shape, or left out.
    """
    missing = sorted(report["missing_keys"])
    if missing:
        raise UserError(f"{file} lacks {len(missing)} weights of the network: {some(missing)}", AGAIN)
    misshaped = [str(entry[0]) for entry in report["mismatched_keys"]]
    if misshaped:
        raise UserError(f"{file}: {len(misshaped)} weights have other shapes than its header says: {some(misshaped)}")
    unread = sorted({*report["unexpected_keys"], *_unread(file, model)})
    if unread:
        message = f"{file} has {len(unread)} tensors that transformers does not read: {some(unread)}"
        raise UserError(message, "use the model in a folder of safetensors")
    strange = [name for name, values in model.state_dict().items() if not bool(values.isfinite().all())]
    if strange:
        raise UserError(f"{file}: {some(strange)} hold NaN or infinite values", AGAIN)


def _unread(file: Path, model: Any) -> list[str]:
    """The tensors of layers that transformers' older loader leaves out without a word."""
    from transformers.integrations.gguf.reader import read_gguf_metadata
    from transformers.integrations.gguf.utils import is_gguf_arch_supported
    from transformers.modeling_gguf_pytorch_utils import (
        TENSOR_PROCESSORS,
        TensorProcessor,
        get_gguf_hf_weights_map,
    )

    metadata, names = read_gguf_metadata(str(file))
    kind = metadata["general.architecture"]
    if is_gguf_arch_supported(kind):
        return []  # the newer loader reports them
    read = get_gguf_hf_weights_map(model, TENSOR_PROCESSORS.get(kind, TensorProcessor)(config={}))
    return [name for name in names if name.startswith("blk.") and name not in read and not COMPUTED.match(name)]
