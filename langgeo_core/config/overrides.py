"""`a.b=c` from the command line: read in the same all-text way, and laid over a config's tree."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from langgeo_core.config.nodes import COMMAND_LINE, List, Map, Node, Scalar, as_component, as_list, label_of, parse_yaml
from langgeo_core.config.schema import LIST_KEYS
from langgeo_core.contract.errors import ConfigError, Problem, UserError, suggestion
from langgeo_core.contract.records import KEYS

_DEEPEST = 30
_LONGEST = 100
"""Characters of the name of a folder."""
_FORMS: dict[str, type[Node]] = {"[": List, "{": Map, '"': Scalar, "'": Scalar}


Shorthand = Callable[[str, str], str]
"""From the key of a list and the name of a component to the option that `KEY.NAME=VALUE` sets; empty for none."""


@dataclass(frozen=True)
class Override:
    """One assignment: the parts of the dotted path and the value."""

    path: tuple[str, ...]
    value: Node


def parse_override(text: str) -> Override:
    """Read `a.b=c`; a value that opens with a bracket, brace or quote is YAML, any other is taken as it is.

    Raises
    ------
    ConfigError
        If there is no `=`, a part of the path is empty, or the value is not valid YAML.
    """
    written, equals, value = text.partition("=")
    parts, value = tuple(part.strip() for part in written.split(".")), value.strip()
    malformed = ""
    if not equals:
        malformed = f"{text!r} is not a setting"
    elif not all(parts):
        malformed = f"{text!r} has an empty key before the ="
    elif len(parts) > _DEEPEST:
        malformed = f"the key before the = has more than {_DEEPEST} parts"
    if malformed:
        raise ConfigError([Problem(str(COMMAND_LINE), malformed, "write key=value, such as seed=1")])
    form = _FORMS.get(value[:1])
    if form is None:
        return Override(parts, Scalar(value, COMMAND_LINE))
    where = COMMAND_LINE.at(".".join(parts))
    tree, problems = parse_yaml(value, str(COMMAND_LINE), lambda line: COMMAND_LINE)
    if tree is None or problems:
        raise ConfigError([Problem(where, problem.message, problem.hint) for problem in problems])
    if not isinstance(tree, form):
        raise ConfigError([Problem(where, f"{value!r} goes on after the closing mark")])
    return Override(parts, tree)


def name_of_settings(settings: Mapping[str, str], named: Sequence[str] = (), taken: Collection[str] = ()) -> str:
    """`scope=layer+diagonal=cholesky`: settings as the name of a folder, unlike those that are taken.

    Parameters
    ----------
    named : the keys that are in the name; all where there are none. A key is cut to its last part if no other ends so
    """
    ends = [key.rpartition(".")[2] for key in settings]
    short = {key: end if ends.count(end) == 1 else key for key, end in zip(settings, ends, strict=True)}
    name = "+".join(f"{_fit(short[key])}={_fit(settings[key])}" for key in named or settings)
    if len(name) > _LONGEST or name in taken:
        name = f"{name[: _LONGEST - 9]}-{hashlib.sha256(repr(dict(settings)).encode()).hexdigest()[:8]}"
    return name


def _fit(value: str) -> str:
    """A value as part of a file name: components by their `as`, or with all their options where one has none."""
    tree = parse_yaml(value, "")[0] if value.startswith(("{", "[")) else None
    items = tree.items if isinstance(tree, List) else [tree]
    nodes = [one.get("as") if isinstance(one, Map) else one for one in items]
    names = [node.text if isinstance(node, Scalar) else "" for node in nodes]
    text = "-".join(names) if names and all(names) else value.replace("{name: ", "{")
    return re.sub(r"[^\w.+-]+", "-", text).strip("-.")


def apply_overrides(
    tree: Map, overrides: Sequence[str], shorthand: Shorthand = lambda key, name: ""
) -> tuple[Map, list[Problem]]:
    """The tree with every override that fits laid over it in order, and a problem for each that does not."""
    problems: list[Problem] = []
    for text in overrides:
        try:
            override = parse_override(text)
            tree = _set_top(tree, _spelt_out(override, tree, shorthand))
        except ConfigError as error:
            problems.extend(error.problems)
        except UserError as error:
            where = COMMAND_LINE.at(".".join(override.path))
            problems.append(Problem(where, error.message, error.hint))
    return tree, problems


def _spelt_out(override: Override, tree: Map, shorthand: Shorthand) -> Override:
    """`evaluators.labels=x.csv` as what it stands for: an item more, or an option of the one that is there."""
    key, name = override.path[0], ".".join(override.path[1:])
    option = shorthand(key, name) if name and key in LIST_KEYS and isinstance(override.value, Scalar) else ""
    if not option:
        return override
    items = as_list(tree.get(key) or List((), COMMAND_LINE))
    if _named(name, items):
        return Override((*override.path, option), override.value)
    item = as_component(Scalar(name, COMMAND_LINE))
    assert isinstance(item, Map)
    item = item.put(Scalar(option, COMMAND_LINE), override.value)
    return Override((key,), List((*items.items, item), items.mark))


def _set_top(tree: Map, override: Override) -> Map:
    key = override.path[0]
    old, path = tree.get(key), override.path[1:]
    if path and key in LIST_KEYS:
        value: Node = _set_item(key, as_list(old) if old else List((), COMMAND_LINE), path, override.value)
    else:
        value = _set_in(key, as_component(old) if old and key in KEYS else old, path, override.value)
    return tree.put(Scalar(key, COMMAND_LINE), value)


def _set_item(owner: str, items: List, path: Sequence[str], value: Node) -> List:
    """Names may hold dots, so the longest stretch of the path that names an item counts."""
    for length in range(len(path), 0, -1):
        name = ".".join(path[:length])
        named = _named(name, items)
        if len(named) > 1:
            raise UserError(f"several {owner} are named {name!r}", "say which by its number, counted from 0")
        if named:
            index = named[0]
            break
    else:
        index = _index(owner, items, path[0], [label_of(item) for item in items.items])
    new = _set_in(f"{owner}.{index}", as_component(items.items[index]), path[length:], value)
    return List((*items.items[:index], new, *items.items[index + 1 :]), items.mark)


def _named(name: str, items: List) -> list[int]:
    """Positions of the items that are called this in the config, or else whose component is."""
    called = [index for index, item in enumerate(items.items) if label_of(item) == name]
    return called or [index for index, item in enumerate(items.items) if _component_name(item) == name]


def _component_name(item: Node) -> str:
    """The name without the distribution that may stand before it."""
    name = item.get("name") if isinstance(item, Map) else item
    return name.text.rpartition(":")[2] if isinstance(name, Scalar) else ""


def _index(owner: str, items: List, part: str, names: Sequence[str] = ()) -> int:
    if part.isdecimal() and len(part) < 9 and int(part) < len(items.items):
        return int(part)
    known = [*filter(None, names), *(str(index) for index in range(len(items.items)))]
    raise UserError(f"{owner} has no item {part!r}", suggestion(part, known, "items"))


def _set_in(owner: str, node: Node | None, path: Sequence[str], value: Node) -> Node:
    if not path:
        return value
    head, *rest = path
    inner = f"{owner}.{head}"
    if isinstance(node, Scalar):
        raise UserError(f"{owner} is a single value and has no part {head!r}", f"set {owner} itself")
    if isinstance(node, List):
        index = _index(owner, node, head)
        new = _set_in(inner, node.items[index], rest, value)
        return List((*node.items[:index], new, *node.items[index + 1 :]), node.mark)
    found = node or Map((), COMMAND_LINE)
    return found.put(Scalar(head, COMMAND_LINE), _set_in(inner, found.get(head), rest, value))
