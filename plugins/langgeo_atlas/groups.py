"""Which languages of a space a word names: one of them, those of a class, or those of a group of Glottolog's tree."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence

from langgeo_core.api import Language, UserError
from langgeo_formats.api import find_language
from langgeo_glottolog.api import group_named, group_names, groups_like

SHOWN = 8
"""Groups that are named where several may be meant, the largest first."""

Labels = Mapping[str, Mapping[str, str | None]]


def rows_named(
    written: str, languages: Sequence[Language], ids: Sequence[str], labels: Labels, row: Callable[[str], int]
) -> list[int]:
    """The rows of the languages that a word names.

    A class that is spelt so comes first, then the glottocode of a group with several languages of the space, then a
    language, then a class or group in any capitals.

    Parameters
    ----------
    labels : the class of each id per level
    row : that of a language; raises UserError if it is none of the space's

    Raises
    ------
    UserError
        If it names nothing of the space, with what may be meant.
    """
    spelt_so = _of_class(written, ids, labels, str)
    if spelt_so and written not in ids:
        return spelt_so
    members: dict[str, list[int]] = {}
    for place, language in enumerate(languages):
        for code in language.lineage:
            members.setdefault(code, []).append(place)
    if len(members.get(written, ())) > 1 and written not in {language.glottocode for language in languages}:
        return members[written]
    try:
        return [row(written)]
    except UserError as failure:
        code = group_named(written) or written
        if found := _of_class(written, ids, labels, str.casefold) or members.get(code):
            return found
        raise _refused(written, code, members, labels, failure) from None


def reading(written: str, found: Sequence[Language]) -> str:
    """As what a word was read, with the group of the same name where it was read as one language; empty if it says so.

    Parameters
    ----------
    found : the languages that it names
    """
    if len(found) > 1:
        return f"{written}: {counted(len(found))}"
    first, called, word = found[0], group_names(), written.casefold()
    named = {code: called.get(code, "").casefold() for code in first.lineage if code != written}
    exact = [code for code, name in named.items() if name == word]
    if written in (first.id, first.name):
        return f"{written}: the group of that name is {exact[0]}" if exact else ""
    like = exact or [code for code, name in named.items() if name.startswith(word)]
    group = f"the group {called[like[0]]} is {like[0]}" if like else ""
    return "; ".join(filter(None, (f"{written}: {first.name} ({first.id})", group)))


def unknown(written: str, languages: Sequence[Language], failure: UserError) -> UserError:
    """The failure to read a word as a language, with the languages of the space that it may mean: those of the group
    that it names, or those with it in their names.
    """
    code, word = group_named(written), written.casefold()
    inside = [one for one in languages if code and code in one.lineage]
    like = [one for one in languages if word in re.split(r"[^\w']+", one.name.casefold())]
    if not (inside or like):
        return failure
    told = [f"`{one.id}` ({one.name})" for one in (inside or like)]
    more = f" and {len(told) - SHOWN} more" if len(told) > SHOWN else ""
    if len(inside) > 1:
        hint = f"its languages here: {', '.join(told[:SHOWN])}{more}"
        return UserError(f"{written!r} is a group, not one language", hint)
    return UserError(failure.message, f"did you mean {' or '.join(told[:SHOWN])}{more}?")


def _of_class(written: str, ids: Iterable[str], labels: Labels, alike: Callable[[str], str]) -> list[int]:
    wanted = alike(written)
    return [
        place
        for place, identifier in enumerate(ids)
        if any(alike(classes.get(identifier) or "") == wanted for classes in labels.values())
    ]


def _refused(
    written: str, code: str, members: Mapping[str, Sequence[int]], labels: Labels, failure: UserError
) -> UserError:
    called, word = group_names(), written.casefold()
    if code in called:
        return UserError(f"no language of the space is in the group {called[code]} ({code})", "choose another group")
    if _is_language(written):  # which the space lacks
        return failure
    # Of those with the word in their names the largest first, else those that are spelt most like it.
    near = [one for one in groups_like(written) if len(members.get(one, ())) > 1]
    near.sort(key=lambda one: -len(members[one]) if word in called[one].casefold() else 0)
    classes = {one for level in labels.values() for one in level.values() if one} - {*called.values()}
    told = [f"{one} (a class)" for one in sorted(classes) if word in one.casefold()]
    told += [f"{called[one]} ({one}, {counted(len(members[one]))})" for one in near]
    if not told:
        return failure
    if len(told) == 1:
        meant = f"{failure.hint} or the group" if failure.hint.startswith("did you mean") else "did you mean the group"
        return UserError(f"{written!r} is neither a language nor a group", f"{meant} {told[0]}?")
    more = f" and {len(told) - SHOWN} more" if len(told) > SHOWN else ""
    hint = f"write the name or the glottocode of one: {', '.join(told[:SHOWN])}{more}"
    return UserError(f"{written!r} is neither a language nor a group; groups like it are several", hint)


def _is_language(written: str) -> bool:
    try:
        return bool(find_language(written))
    except UserError:
        return False


def counted(languages: int) -> str:
    """`1 language`, `2 languages`."""
    return "1 language" if languages == 1 else f"{languages} languages"
