"""Which tokens of a text are read, chosen the same way for every language.

`tokens` and `window` of the settings count tokens, or characters, bytes or lines, the unit of the settings.
"""

from __future__ import annotations

import random
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import cycle, islice

from langgeo_core.config.schema import FEWEST_TOKENS, CalibrationSettings
from langgeo_core.contract.errors import ConfigError, LanggeoError, Problem, UserError
from langgeo_core.planning.plan import Plan, PlannedCell
from langgeo_core.planning.texts import ENOUGH, deal, not_repeated
from langgeo_core.system.files import digest

BYTES_A_TOKEN = 36
"""A number in a tuple, and the place that it has there."""


class RunWindows:
    """The windows that calibration reads of each text, and those of its replicates."""

    def __init__(self, plan: Plan) -> None:
        self._plan, self._texts = plan, plan.texts
        self._settings, self._reliability = plan.config.settings.calibration, plan.config.settings.reliability

    def of(self, model: str, corpus: str, language: str) -> Selection:
        """The windows of one text, as a model's tokenizer makes its tokens.

        Raises
        ------
        UserError
            If the text is too short and the policy is not to go on.
        """
        return self._texts.kept.get(
            ("windows", model, corpus, language),
            lambda: self._select(model, corpus, language),
            lambda found: 0 if isinstance(found.windows, int) else BYTES_A_TOKEN * found.windows.tokens,
        )

    def ids(self, model: str, corpus: str, text: str) -> tuple[tuple[int, ...], ...]:
        """The token ids of each window of a language's text, or of a replicate by its id; none of a skipped text."""
        language, _, number = text.partition("/")
        selection = self.of(model, corpus, language)
        if isinstance(selection.windows, int) or not number:
            return () if isinstance(selection.windows, int) else selection.windows.ids
        own = selection.dealt(self._reliability.replicates)[int(number)]
        return tuple(selection.windows.ids[place] for place in own)

    def pieces(self, selection: Selection, cells: Sequence[PlannedCell]) -> list[Sequence[int]]:
        """The positions of the windows that each of a text's cells reads.

        Raises
        ------
        UserError
            As `Selection.dealt`.
        """
        assert not isinstance(selection.windows, int)
        whole, count = range(len(selection.windows.ids)), self._reliability.replicates
        dealt = selection.dealt(count) if any(cell.replicate is not None for cell in cells) else []
        return [whole if cell.replicate is None else dealt[cell.replicate] for cell in cells]

    def check(self, cells: Iterable[PlannedCell]) -> None:
        """Choose the windows of these cells, and refuse all texts that are too short for them at once.

        Raises
        ------
        ConfigError
            Naming every such text, and those with other lines than the others where lines are dealt.
        """
        cells = list(cells)
        for model in dict.fromkeys(cell.model for cell in cells):
            self._texts.tokenizers[model]()  # one that cannot be read is said once, not of every text
        if problems := [*self.short(cells), *self.unequal_lines()]:
            raise ConfigError(problems)

    def short(self, cells: Iterable[PlannedCell]) -> Iterator[Problem]:
        """The texts that are too short for these cells, or cannot be tokenized."""
        texts: dict[tuple[str, str, str], list[PlannedCell]] = {}
        for cell in cells:
            texts.setdefault((cell.model, cell.corpus, cell.language), []).append(cell)
        for text, members in texts.items():
            try:
                selection = self.of(*text)
                if not isinstance(selection.windows, int):
                    self.pieces(selection, members)
            except LanggeoError as failure:
                yield Problem(", ".join(text), failure.message, failure.hint)

    def _select(self, model: str, corpus: str, language: str) -> Selection:
        documents, encode = self._texts.read(corpus, language).documents, self._texts.tokenizers[model]().encode
        if self._settings.unit == "tokens":
            known = dict(zip(documents, self._texts.tokens(model, corpus, language), strict=True))
            return select(documents, known.__getitem__, self._settings)
        return select(documents, encode, self._settings)

    def unequal_lines(self) -> Iterator[Problem]:
        """Where lines are dealt, the corpora of which the languages, of reused cells too, do not all read the same."""
        dealt = self._reliability.replicates and self._reliability.each == "line"
        for corpus in self._plan.corpora if dealt else ():
            read: dict[tuple[tuple[int, ...], ...], list[str]] = {}
            for cell in self._plan.cells:
                if cell.corpus == corpus and cell.key and (lines := self._line_windows(corpus, cell.language)):
                    read.setdefault(lines, []).append(cell.language)
            most = max(read.values(), key=len, default=[])
            if others := sorted({language for group in read.values() if group is not most for language in group}):
                yield Problem(
                    f"corpus {corpus}, languages {', '.join(others)}",
                    "other lines than in the other languages, and `reliability.each: line` needs parallel texts",
                    "leave these languages out, or set reliability.each=window",
                )

    def _line_windows(self, corpus: str, language: str) -> tuple[tuple[int, ...], ...] | None:
        """The numbers of the lines in each window; None where the text is skipped or refused."""
        try:
            split, _ = _counting("lines", lambda text: ())
            found = cell_windows(list(map(split, self._texts.read(corpus, language).documents)), self._settings)
        except UserError:
            return None
        return None if isinstance(found, int) else found.ids


@dataclass(frozen=True)
class Windows:
    """Token ids of each window, without special tokens, in the order in which they are summed."""

    ids: tuple[tuple[int, ...], ...]

    @property
    def tokens(self) -> int:
        return sum(map(len, self.ids))


def choose_windows(documents: Sequence[Sequence[int]], tokens: int, window: int, seed: int) -> Windows:
    """Up to `tokens` tokens in windows of at most `window`.

    Documents come in a seeded order; every round takes one window from each. A document's windows follow one
    another from a seeded point on, a share of its length that depends on the seed and the document's place
    alone, so that parallel texts start at parallel places. Windows shorter than `window` come last.
    """
    queues = [_pieces(document, window, start) for document, start in _shuffled(documents, seed)]
    full = [[piece for piece in queue if len(piece) == window] for queue in queues]
    rest = [[piece for piece in queue if len(piece) < window] for queue in queues]
    return _cut([*_rounds(full), *_rounds(rest)], tokens)


def one_window_each(documents: Sequence[Sequence[int]], tokens: int, window: int, seed: int) -> Windows:
    """Up to `tokens` tokens in windows of `window`, one from each of the documents that are as long.

    The published sampling (Shamrai & Hamolia 2025; SparseGPT's calibration): documents come in a seeded order, none
    twice, and a window starts at any token, a share of the document's length as in `choose_windows`.
    """
    taken: list[tuple[int, ...]] = []
    for document, start in _shuffled(documents, seed):
        if len(document) >= window:
            first = int(start * (len(document) - window + 1))
            taken.append(tuple(document[first : first + window]))
    return _cut(taken, tokens)


def repeat_windows(windows: Windows, tokens: int) -> Windows:
    """The windows over and over until there are `tokens` tokens."""
    shortest = min(map(len, windows.ids))
    return _cut(list(islice(cycle(windows.ids), -(-tokens // shortest))), tokens)


Encode = Callable[[str], Sequence[int]]


@dataclass(frozen=True)
class Selection:
    """The windows of a text, or how many tokens it has where it is skipped.

    `available` is in the text's unit. `fresh` are the positions of the windows that repeat no earlier one, and `full`
    those of them that are not much shorter than the others.
    """

    windows: Windows | int
    available: int
    fresh: tuple[int, ...] = ()
    full: tuple[int, ...] = ()

    def dealt(self, replicates: int) -> list[tuple[int, ...]]:
        """`deal` of the fresh windows; a short one is left out where a replicate would be of it alone."""
        return deal(self.fresh if len(self.fresh) >= 2 * replicates else self.full, replicates)

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of the token ids that are read, window by window; empty where the text is skipped."""
        return "" if isinstance(self.windows, int) else digest(self.windows.ids)


def select(documents: Sequence[str], encode: Encode, settings: CalibrationSettings) -> Selection:
    """What is read of a language's documents.

    `tokens` and `window` of the settings count the unit of the settings. A window of another unit than tokens is
    cut from the text and then tokenized, so that its number of tokens differs from language to language.

    Raises
    ------
    UserError
        If the text is too short and the policy is not to go on.
    """
    split, tokens = _counting(settings.unit, encode)
    counted = list(map(split, documents))
    available = sum(map(len, counted))
    chosen = cell_windows(counted, settings)
    if isinstance(chosen, int):
        return Selection(sum(len(encode(document)) for document in documents), available)
    windows = Windows(tuple(tuple(tokens(piece)) for piece in chosen.ids))
    if windows.tokens < min(FEWEST_TOKENS, settings.tokens):
        raise _tiny(windows.tokens, "tokens")
    fresh = not_repeated(chosen.ids)
    enough = ENOUGH * min(settings.window, settings.tokens)
    return Selection(windows, available, fresh, tuple(one for one in fresh if len(chosen.ids[one]) >= enough))


def cell_windows(documents: Sequence[Sequence[int]], settings: CalibrationSettings) -> Windows | int:
    """The windows of one cell under its short-text policy; how much text there is where it is to be skipped.

    Raises
    ------
    UserError
        If the text is too short and the policy is not to go on.
    """
    choose = one_window_each if settings.sampling == "one-a-document" else choose_windows
    windows = choose(documents, settings.tokens, settings.window, settings.seed)
    if windows.tokens < (FEWEST_TOKENS if settings.unit == "tokens" else 1):
        raise _tiny(windows.tokens, _described(settings))
    if windows.tokens == settings.tokens:
        return windows
    if settings.short == "cycle":
        return repeat_windows(windows, settings.tokens)
    if settings.short == "skip":
        return windows.tokens
    if settings.short == "use" and windows.tokens >= ENOUGH * settings.tokens:
        return windows
    raise UserError(
        f"the text has {windows.tokens} {_described(settings)}, fewer than the {settings.tokens} asked for",
        f"lower calibration.tokens to {int(windows.tokens / ENOUGH)} ({ENOUGH:.0%} is enough) or leave the language out"
        if settings.short == "use"
        else "lower calibration.tokens, leave the language out, or set calibration.short to use, skip or cycle",
    )


def _described(settings: CalibrationSettings) -> str:
    one_each = f" in windows of {settings.window}, one a document" if settings.sampling == "one-a-document" else ""
    return f"{settings.unit}{one_each}"


def _tiny(found: int, unit: str) -> UserError:
    return UserError(f"the text has {found} {unit}, fewer than the minimum", "leave the language out")


def _counting(
    unit: str, encode: Encode
) -> tuple[Callable[[str], Sequence[int]], Callable[[Sequence[int]], Sequence[int]]]:
    """How a text is counted: what numbers the parts of a document, and what gives the token ids of some of them."""
    if unit == "tokens":
        return encode, lambda piece: piece
    if unit == "characters":  # Unicode code points
        return lambda document: array("L", map(ord, document)), lambda piece: encode("".join(map(chr, piece)))
    if unit == "bytes":  # of a character that a window cuts apart neither side is read
        return str.encode, lambda piece: encode(bytes(piece).decode(errors="ignore"))
    lines: list[str] = []

    def split(document: str) -> Sequence[int]:
        """Each line by its place among all that were split."""
        first = len(lines)
        lines.extend(document.split("\n"))
        return range(first, len(lines))

    return split, lambda piece: encode("\n".join(lines[number] for number in piece))


def _shuffled(documents: Sequence[Sequence[int]], seed: int) -> list[tuple[Sequence[int], float]]:
    """The documents in a seeded order, each with the share of its length at which it starts."""
    source = random.Random(seed)
    order = source.sample(range(len(documents)), len(documents))
    return [(documents[place], source.random()) for place in order]


def _pieces(document: Sequence[int], window: int, start: float) -> list[tuple[int, ...]]:
    pieces = [tuple(document[offset : offset + window]) for offset in range(0, len(document), window)]
    first = int(start * len(pieces))
    return pieces[first:] + pieces[:first]


def _rounds(queues: list[list[tuple[int, ...]]]) -> Iterator[tuple[int, ...]]:
    for depth in range(max(map(len, queues), default=0)):
        for queue in queues:
            if depth < len(queue):
                yield queue[depth]


def _cut(pieces: Sequence[tuple[int, ...]], tokens: int) -> Windows:
    taken: list[tuple[int, ...]] = []
    for piece in pieces:
        if tokens <= 0:
            break
        taken.append(piece[:tokens])
        tokens -= len(taken[-1])
    return Windows(tuple(taken))
