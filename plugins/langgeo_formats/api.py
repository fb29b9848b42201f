"""What other plugins may import from this one."""

from langgeo_formats.entries import is_missing, table_rows
from langgeo_formats.exporting import FOLDER, FormatOptions, Names, copied, labels
from langgeo_formats.given_matrix import as_distances, read_matrix
from langgeo_formats.names import Found, find_language, find_languages
from langgeo_formats.nexus import as_nexus, quoted
from langgeo_formats.scripts import scripts_of
from langgeo_formats.showing import run_as_json, what_to_open

__all__ = [
    "FOLDER",
    "FormatOptions",
    "Found",
    "Names",
    "as_distances",
    "as_nexus",
    "copied",
    "find_language",
    "find_languages",
    "is_missing",
    "labels",
    "quoted",
    "read_matrix",
    "run_as_json",
    "scripts_of",
    "table_rows",
    "what_to_open",
]
