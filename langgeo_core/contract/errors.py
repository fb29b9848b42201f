"""What can go wrong, said so that a user can mend it."""

from __future__ import annotations

import errno
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

HINTS = {
    **dict.fromkeys((errno.ENOSPC, errno.EDQUOT), "free some space, then "),
    **dict.fromkeys((errno.ENAMETOOLONG, errno.ELOOP, errno.ENOTDIR), "check the path, then "),
    **dict.fromkeys((errno.EACCES, errno.EPERM, errno.EROFS), "check who may write there, then "),
}
"""What to do about errors of the system, where that is known."""


def close_matches(word: str, known: Iterable[str], n: int = 3, cutoff: float = 0.6) -> list[str]:
    """What `difflib.get_close_matches` finds, faster: words with other letters are not compared.

    Of a longer word its first hundred characters count, since the time is quadratic.
    """
    import difflib

    word = word[:100]
    letters, length = _letters(word), len(word)
    likely = [one for one in known if 2 * len(letters & _letters(one)) >= cutoff * (length + len(one))]
    return difflib.get_close_matches(word, likely, n, cutoff)


@lru_cache(2**15)
def _letters(word: str) -> frozenset[tuple[str, int]]:
    """Each letter with the number of times that it came before."""
    return frozenset((letter, word.count(letter, 0, place)) for place, letter in enumerate(word))


def suggestion(word: str, known: Iterable[str], noun: str = "known") -> str:
    """A hint that names the nearest known word and then all of them."""
    words = sorted(known)
    close = close_matches(word, words, n=1)
    start = f"did you mean {close[0]!r}? " if close else ""
    return f"{start}{noun}: {', '.join(words) or 'none'}"


class LanggeoError(Exception):
    """Something failed; `hint` says what to do next. The command line exits with `exit_code`."""

    exit_code = 1

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}\n  {self.hint}" if self.hint else self.message


class UserError(LanggeoError):
    """The user's config, arguments or files; shown without a traceback."""

    exit_code = 2


class MissingPackageError(UserError):
    """A package that a chosen component needs is not installed."""


class UnavailableError(UserError):
    """A component needs something that this run does not have, such as a text or a model's tokenizer."""


class NumericalError(LanggeoError):
    """A computation gave no usable number."""


class StorageError(LanggeoError):
    """A file could not be written or read back."""


@contextmanager
def storage_errors(target: Path) -> Iterator[None]:
    """Turn the system's errors about `target` into ones that say what to do."""
    try:
        yield
    except OSError as failure:
        hint = f"{HINTS.get(failure.errno or 0, '')}start the same command again: what is finished is kept"
        raise StorageError(f"cannot write {target}: {failure.strerror or failure}", hint) from failure


class DamagedFileError(LanggeoError):
    """A file of a run is there and does not hold what a run writes."""


@dataclass(frozen=True)
class Problem:
    """One fault in the user's input: where it is, what it is, what to do."""

    where: str
    message: str
    hint: str = ""

    def __str__(self) -> str:
        line = f"{self.where}: {self.message}" if self.where else self.message
        return f"{line}\n    {self.hint}" if self.hint else line


class ConfigError(UserError):
    """One or more problems with a config, all reported at once."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        count = len(self.problems)
        title = "1 problem" if count == 1 else f"{count} problems"
        super().__init__(f"{title} found\n" + "\n".join(f"  {problem}" for problem in self.problems))
