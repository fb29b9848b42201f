"""Which names may become parts of file names."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from langgeo_core.contract.records import fits_file_name, is_label


@pytest.mark.parametrize("name", ["gemma-3.1b", "c++", "run_2", "Modell-Größe", "日本語", "a" * 100, "console", "com"])
def test_what_names_files(name: str) -> None:
    assert is_label(name)
    assert fits_file_name(name)


@pytest.mark.parametrize(
    "name",
    ["", ".", "..", ".hidden", "a/b", "../a", "a\\b", "a:b", "a*", "a?", 'a"', "<a>", "a|b", "a\n", "a\0", "a\udc80",
     "a.", "a ", " a", "con", "NUL", "Com1", "lpt9.csv", "aux.x", "a" * 101, "日" * 34],
)  # fmt: skip
def test_what_some_system_does_not_take(name: str) -> None:
    assert not fits_file_name(name)
    assert not is_label(name)


@pytest.mark.parametrize("name", ["a b", "a--b", "-a", "a-", "a..b", "a.-b", "~a", "$HOME", "a,b", "'a'"])
def test_what_is_no_label(name: str) -> None:
    assert not is_label(name)


names = st.text(st.sampled_from("ab-.+_"), max_size=5).filter(is_label)


@given(one=st.tuples(names, names), other=st.tuples(names, names))
def test_two_pairs_of_labels_never_make_one_file_name(one: tuple[str, str], other: tuple[str, str]) -> None:
    assert one == other or "--".join(one) != "--".join(other)
