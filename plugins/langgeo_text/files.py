"""Documents from a text file."""

from __future__ import annotations

import gzip
import json
import zlib
from pathlib import Path

from langgeo_core.api import UserError

SUFFIXES = (".txt", ".txt.gz", ".jsonl")


def suffix_of(path: Path) -> str:
    """Which of `SUFFIXES` the file's name ends with; empty for another kind of file and for hidden ones."""
    if path.name.startswith("."):
        return ""
    return next((suffix for suffix in SUFFIXES if path.name.endswith(suffix)), "")


def read_documents(path: Path) -> tuple[str, ...]:
    """The documents of a file of a known suffix, in its order.

    Raises
    ------
    UserError
        Naming the file, if it is unreadable, not UTF-8, without text, or a line of it is no document.
    """
    text = _decode(path, _bytes(path))
    documents = _json_lines(path, text) if suffix_of(path) == ".jsonl" else (text.strip(),)
    if not any(documents):
        raise UserError(f"{path} has no text", "fill it, or move it away")
    return documents


def _bytes(path: Path) -> bytes:
    try:
        content = path.read_bytes()
        return gzip.decompress(content) if path.suffix == ".gz" else content
    except (OSError, EOFError, zlib.error) as error:
        raise UserError(f"{path} cannot be read: {error}", "check that the file is whole and yours to read") from error


def _decode(path: Path, content: bytes) -> str:
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        where = f"byte {error.start} (0x{content[error.start]:02x})"
        raise UserError(f"{path} is not UTF-8: {where} fits no character", "save the file as UTF-8") from error
    return text.removeprefix("\ufeff").replace("\r\n", "\n")


def _json_lines(path: Path, text: str) -> tuple[str, ...]:
    # Not splitlines(): JSON strings may hold U+2028 and other characters that it takes for the end of a line.
    lines = enumerate(text.split("\n"), start=1)
    return tuple(_document(path, number, line) for number, line in lines if line.strip())


def _document(path: Path, number: int, line: str) -> str:
    try:
        record = json.loads(line)
    except ValueError as error:
        raise UserError(f"{path}, line {number}: no JSON ({error})", 'write a line as {"text": "..."}') from error
    document = record.get("text") if isinstance(record, dict) else None
    if not isinstance(document, str) or not document.strip():
        raise UserError(f"{path}, line {number}: no text under the key `text`", 'write a line as {"text": "..."}')
    return document
