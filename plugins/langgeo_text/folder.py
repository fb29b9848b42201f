"""A folder of one's own texts, a file a language."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

from langgeo_core.api import ConfigError, CorpusIdentity, LanguageTable, Problem, Text, UserError
from langgeo_text.files import read_documents, suffix_of
from langgeo_text.options import TextFolderOptions


class TextFolder:
    """`<language id>.txt`, `.txt.gz` (the file is one document) or `.jsonl` (a document a line, key `text`).

    A file name may use an alias: `est.txt` holds the text of `ekk`. Files of other kinds and subfolders are left alone.
    """

    def __init__(self, options: TextFolderOptions) -> None:
        self.options = options
        self.path = options.path.expanduser()

    def identity(self) -> CorpusIdentity:
        """What the options say of the texts; no text is read."""
        return CorpusIdentity("text-folder", self.options.version, self.options.licence, str(self.path.absolute()))

    def languages(self) -> Sequence[str]:
        """Ids in alphabetical order; raises UserError naming every file that is no language's, or one too many."""
        return sorted(self._files)

    def read(self, language: str) -> Text:
        """The text; raises UserError naming the file, and the byte or line, where it cannot be used."""
        if language not in self._files:
            close = difflib.get_close_matches(language, self.languages(), n=3) or self.languages()[:12]
            raise UserError(f"{self.path} has no text in {language}", f"it has {', '.join(close)}")
        path = self._files[language]
        return Text(language, read_documents(path), str(path))

    @cached_property
    def _files(self) -> dict[str, Path]:
        found: dict[str, Path] = {}
        problems: list[Problem] = []
        for path in self._texts():
            try:
                language = LanguageTable().lookup(path.name.removesuffix(suffix_of(path))).id
            except UserError as error:
                problems.append(Problem(str(path), error.message, f"rename the file, or move it away; {error.hint}"))
                continue
            if first := found.get(language):
                problems.append(Problem(str(path), f"{first.name} is in {language} too", "merge them or move one away"))
            found.setdefault(language, path)
        if problems:
            raise ConfigError(problems)
        return found

    def _texts(self) -> list[Path]:
        if not self.path.is_dir():
            reason = "is a file" if self.path.exists() else "does not exist"
            raise UserError(f"the text folder {self.path} {reason}", "set `path` to a folder with a text a language")
        texts = sorted(path for path in self.path.iterdir() if suffix_of(path) and path.is_file())
        if not texts:
            raise UserError(f"no text is in {self.path}", "put files such as deu.txt, deu.txt.gz or deu.jsonl there")
        return texts
