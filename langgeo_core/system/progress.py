"""How far a stage is and how long it will take, on stderr."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

LOG_SECONDS = 10.0
"""How often a log or a pipe gets a new state."""


@contextmanager
def progress(title: str, total: int, quiet: bool = False) -> Iterator[Callable[[str], None]]:
    """A bar on a terminal, its state every ten seconds elsewhere, nothing if `quiet`.

    Gives a function to call when one more item is done, with the item's name.
    """
    from tqdm import tqdm

    seconds = 0.1 if sys.stderr.isatty() else LOG_SECONDS
    with tqdm(total=total, desc=title, file=sys.stderr, mininterval=seconds, disable=quiet or not total) as bar:

        def advance(label: str = "") -> None:
            bar.set_postfix_str(label, refresh=False)
            bar.update()

        yield advance
