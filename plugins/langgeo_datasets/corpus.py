"""A data set as a corpus."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

from langgeo_core.api import Absence, CorpusIdentity, LanguageTable, Text, UnavailableError, UserError
from langgeo_datasets.chinese import belongs
from langgeo_datasets.options import HubTextOptions
from langgeo_datasets.places import Place, hub_errors, in_folder, on_hub, snapshot
from langgeo_datasets.sampling import Kept, Sample, address, draw, load, save
from langgeo_text.api import near


class HubText:
    """A sample of each language's documents, drawn once and kept in the cache.

    The files are those in `path`; without it, those in the hub's cache on this machine, or, with `download`, those on
    the hub, of which only as much is read as the sample needs.
    """

    def __init__(self, options: HubTextOptions) -> None:
        self.options = options
        self.path = options.path.expanduser() if options.path else None
        self._commits: set[str] = set()

    def identity(self) -> CorpusIdentity:
        """The data set. Its version includes the commits at which texts have been read."""
        options = self.options
        if self.path:
            return CorpusIdentity(self.path.name, "local files", options.licence, str(self.path.absolute()))
        commits = sorted(self._commits - {options.revision})
        version = f"{options.revision}, read at {', '.join(commits)}" if commits else options.revision
        return CorpusIdentity(options.repo, version, options.licence, f"Hugging Face hub: {options.repo}")

    def languages(self) -> Sequence[str]:
        """Ids in alphabetical order: for a folder those that have files, for a data set of the hub all in `codes`.

        Raises
        ------
        UserError
            If the folder has no files for any language.
        """
        known = sorted(self._codes)
        if self.path is None:
            return known
        found = [language for language in known if in_folder(self.path, self._pattern(language))]
        if not found:
            looked = self.path / self._pattern(known[0])
            raise UserError(f"{self.path} has no text in any language", f"for example, {looked} does not exist")
        return found

    def read(self, language: str) -> Text:
        """The sampled documents.

        Raises
        ------
        UnavailableError
            If the text is not on this machine and `download` is off.
        UserError
            If the corpus lacks the language, or the files cannot be read.
        """
        if language not in self._codes:
            raise UserError(f"{self._name} has no text in {language}", near(language, sorted(self._codes)))
        kept = self._from_folder(language, self.path) if self.path else self._from_hub(language)
        self._commits.add(kept.origin)
        return Text(language, kept.documents, f"{self._name}, {self._pattern(language)}, {kept.origin}")

    def absent(self, language: str) -> Absence | None:
        """If the text is neither in a folder nor in a cache, how to get it; downloads nothing."""
        if self.path or self._kept_at(language).is_file() or self._in_cache(language):
            return None
        missing = self._not_here()
        return Absence(missing.message, missing.hint, comes=self.options.download)

    @cached_property
    def _codes(self) -> dict[str, str]:
        """The data set's code of each language, by language id."""
        languages, _ = LanguageTable().resolve(self.options.codes)
        return {language.id: code for language, code in zip(languages, self.options.codes.values(), strict=True)}

    @property
    def _name(self) -> str:
        return str(self.path) if self.path else self.options.repo

    @property
    def _revision(self) -> str | None:
        return None if self.options.revision == "unpinned" else self.options.revision

    def _pattern(self, language: str) -> str:
        return self.options.files.replace("{code}", self._codes[language])

    def _from_folder(self, language: str, folder: Path) -> Kept:
        place = in_folder(folder, self._pattern(language))
        if place is None:
            raise UserError(f"{folder} has no text in {language}", f"add files at {self._pattern(language)}")
        return self._drawn(language, place, "local files")

    def _from_hub(self, language: str) -> Kept:
        """The sample streamed before, or drawn from the hub's cache, or streamed now."""
        where = self._kept_at(language)
        if kept := load(where):
            return kept
        if found := self._in_cache(language):
            return self._drawn(language, *found)
        if not self.options.download:
            raise self._not_here()
        kept = self._streamed(language)
        save(where, kept)
        return kept

    def _kept_at(self, language: str) -> Path:
        options = self.options
        return address({"repo": options.repo, "revision": options.revision, **self._question(language)})

    def _in_cache(self, language: str) -> tuple[Place, str] | None:
        """The text's files in the hub's cache, and the commit."""
        folder = snapshot(self.options.repo, self._revision)
        place = in_folder(folder, self._pattern(language)) if folder else None
        return (place, folder.name) if folder and place else None

    def _not_here(self) -> UnavailableError:
        options = self.options
        hint = "add `download: true` to its options (`corpora.NAME.download=true`) to read a sample of "
        hint += f"{options.documents} documents per language over the network, or set `path` to a folder that has it"
        return UnavailableError(f"{options.repo} is not on this machine", hint)

    def _streamed(self, language: str) -> Kept:
        repo, pattern = self.options.repo, self._pattern(language)
        place = on_hub(repo, self._revision, pattern)
        if place is None:
            raise UserError(f"{repo} has no files at {pattern}", self._doubt(language))
        with hub_errors(repo, self._revision):
            return Kept(self._documents(language, place), place.stamp)

    def _drawn(self, language: str, place: Place, origin: str) -> Kept:
        """The cache key includes the files' names, sizes and times, so other files give another sample."""
        where = address({"files": place.files, "stamp": place.stamp, **self._question(language)})
        kept = load(where)
        if kept is None:
            kept = Kept(self._documents(language, place), origin)
            save(where, kept)
        return kept

    def _question(self, language: str) -> dict[str, object]:
        named = self.options.model_dump(include={"column", "documents", "pool", "seed"})
        script = {"script": self._script(language)} if belongs(self._script(language)) else {}
        return {"pattern": self._pattern(language), **script, **named}

    def _documents(self, language: str, place: Place) -> tuple[str, ...]:
        options, wanted = self.options, belongs(self._script(language)) or bool
        documents = draw(place.files, Sample(options.column, options.documents, options.pool, options.seed, wanted))
        if not documents:
            raise UserError(f"{place.files[0]} has no text in {language}", "check `files`, `codes` and `column`")
        return documents

    @staticmethod
    def _script(language: str) -> str:
        return LanguageTable().lookup(language).script

    def _doubt(self, language: str) -> str:
        code = self._codes[language]
        doubtful = " (not verified)" if language in self.options.unverified else ""
        return f"its code for {language} is {code}{doubtful}: correct it in `codes`, or exclude the language"
