"""The names of the parts of a text that cells of their own read: either half of it, and it without a block."""

from __future__ import annotations

from dataclasses import dataclass

WHOLE = ""
"""The part of a cell that reads all of its text."""


@dataclass(frozen=True)
class Division:
    """Texts cut into pieces that share no window, and the parts that are read of each text.

    `name` is of a piece; part i is piece i, or with `without` all of them but piece i.
    """

    name: str
    pieces: int
    without: bool = False

    @property
    def parts(self) -> tuple[str, ...]:
        """The names of the parts."""
        before = "without-" if self.without else ""
        return tuple(f"{before}{self.name}-{piece}" for piece in range(self.pieces))

    @property
    def share(self) -> float:
        """How much of the text a part reads, about."""
        return (self.pieces - 1 if self.without else 1) / self.pieces


HALVES = Division("half", 2)
"""Two halves of each text, of which each is read alone."""

BLOCKS = Division("block", 4, without=True)
"""Four blocks of each text, of which each is left out once: the delete-one-block jackknife (Künsch 1989)."""

DIVISION_OF = {part: division for division in (HALVES, BLOCKS) for part in division.parts}


def piece_of(part: str) -> int:
    """The piece that a part is, or that it lacks."""
    return DIVISION_OF[part].parts.index(part)


def share_of(part: str) -> float:
    """How much of the text a part reads, about.

    Examples
    --------
    >>> share_of(""), share_of("half-1"), share_of("without-block-3")
    (1.0, 0.5, 0.75)
    """
    return DIVISION_OF[part].share if part else 1.0
