"""Which languages of a space a word names: one of them, those of a class, or those of a group of Glottolog's tree."""

from __future__ import annotations

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

    A class that is spelt so comes first, then a language, then a class or group in any capitals.

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
    try:
        return [row(written)]
    except UserError as failure:
        members: dict[str, list[int]] = {}
        for place, language in enumerate(languages):
            for code in language.lineage:
                members.setdefault(code, []).append(place)
        code = group_named(written) or written
        if found := _of_class(written, ids, labels, str.casefold) or members.get(code):
            return found
        raise _refused(written, code, members, labels, failure) from None


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
    near = [one for one in groups_like(written) if one in members]
    near.sort(key=lambda one: -len(members[one]) if word in called[one].casefold() else 0)
    classes = {one for level in labels.values() for one in level.values() if one} - {*called.values()}
    told = [f"{one} (a class)" for one in sorted(classes) if word in one.casefold()]
    told += [f"{called[one]} ({one}, {_counted(len(members[one]))})" for one in near]
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


def _counted(languages: int) -> str:
    return "1 language" if languages == 1 else f"{languages} languages"
