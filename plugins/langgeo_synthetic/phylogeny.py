"""The tree along which languages evolve: balanced with three levels, a star, or from Newick text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from langgeo_core.api import MissingPackageError, UserError

FEWEST, MOST = 3, 520
"""Leaves of a tree; ISO 639-3 keeps as many codes for private use, qaa to qtz."""

ROOT = "0"


@dataclass(frozen=True)
class Branch:
    """An edge and everything below it: `length` is how long languages change along it.

    `name` is unique in the tree; a branch without children is a language.
    """

    name: str
    length: float
    children: tuple[Branch, ...] = ()

    def leaves(self) -> Iterator[tuple[Branch, tuple[str, ...]]]:
        """Every language with the names of the nodes above it, from below the root down."""
        return _leaves(self, ())


def _leaves(branch: Branch, above: tuple[str, ...]) -> Iterator[tuple[Branch, tuple[str, ...]]]:
    for child in branch.children:
        if child.children:
            yield from _leaves(child, (*above, child.name))
        else:
            yield child, above


def private_codes() -> tuple[str, ...]:
    """`qaa` to `qtz`."""
    letters = "abcdefghijklmnopqrstuvwxyz"
    return tuple(f"q{second}{third}" for second in letters[:20] for third in letters)


def balanced(counts: Sequence[int], lengths: Sequence[float]) -> Branch:
    """A tree in which all nodes of a level have as many children, on edges of the same length."""
    return Branch(ROOT, 0.0, tuple(_balanced("", counts, lengths)))


def _balanced(above: str, counts: Sequence[int], lengths: Sequence[float]) -> Iterator[Branch]:
    for number in range(1, counts[0] + 1):
        name = f"{above}.{number}" if above else str(number)
        below = tuple(_balanced(name, counts[1:], lengths[1:])) if len(counts) > 1 else ()
        yield Branch(name, lengths[0], below)


def star(languages: int, length: float) -> Branch:
    """All languages as children of the root."""
    return balanced([languages], [length])


def from_newick(text: str) -> Branch:
    """The tree of a Newick string; if no edge has a length, all have length 1.

    Raises
    ------
    UserError
        If the text is not one tree, two nodes have the same name, or there are too few or too many leaves.
    MissingPackageError
        If the package that reads Newick is not installed.
    """
    root = _parsed(text)
    measured = any(node.length for node in root.walk())
    tree = _branch(root, "", measured)
    names = [node.name for node in _nodes(tree)]
    leaves = sum(1 for _ in tree.leaves())
    if not FEWEST <= leaves <= MOST:
        raise UserError(f"the tree {text!r} has {leaves} leaves", f"give it {FEWEST} to {MOST}")
    if len(set(names)) < len(names):
        raise UserError(f"two nodes of the tree {text!r} have the same name", "give them different names, or none")
    return tree


def _parsed(text: str) -> Any:
    try:
        import newick
    except ModuleNotFoundError as missing:
        message = "a tree as Newick text needs the package newick"
        raise MissingPackageError(message, 'type: pip install "langgeo[synthetic]"') from missing
    try:
        (root,) = newick.loads(text)
        shortest = min(node.length for node in root.walk())
    except (ValueError, IndexError) as failure:
        raise UserError(f"{text!r} is not one Newick tree: {failure}", "write it as ((a,b),(c,d));") from failure
    if shortest < 0:
        raise UserError(f"the tree {text!r} has an edge of length {shortest:g}", "lengths start at 0")
    return root


def _branch(node: Any, place: str, measured: bool) -> Branch:
    """A parsed node and everything below it; a node without a name is named by its position."""
    below = enumerate(node.descendants, start=1)
    children = tuple(_branch(child, f"{place}.{number}".strip("."), measured) for number, child in below)
    return Branch(node.unquoted_name or place or ROOT, node.length if measured else 1.0, children)


def _nodes(branch: Branch) -> Iterator[Branch]:
    yield branch
    for child in branch.children:
        yield from _nodes(child)
