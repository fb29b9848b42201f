import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from langgeo_core.api import CalibrationSettings, UserError
from langgeo_core.calibration.windows import Windows, cell_windows, choose_windows, repeat_windows


def documents(*lengths: int) -> list[list[int]]:
    """Documents in which every token is another number, rising by one."""
    starts = np.cumsum([0, *lengths])
    return [list(range(first, last)) for first, last in zip(starts[:-1].tolist(), starts[1:].tolist(), strict=True)]


def chosen(lengths: list[int], short: str, **settings: int) -> Windows | int:
    return cell_windows(documents(*lengths), CalibrationSettings(short=short, window=8, **settings))


def owner(window: tuple[int, ...], texts: list[list[int]]) -> int:
    return next(place for place, text in enumerate(texts) if window[0] in text)


@settings(deadline=None)
@given(
    lengths=st.lists(st.integers(0, 40), max_size=6),
    tokens=st.integers(1, 150),
    window=st.integers(2, 12),
    seed=st.integers(0, 2**31 - 1),
)
def test_the_budget_is_met_with_each_token_at_most_once(lengths: list[int], tokens: int, window: int, seed: int):
    texts = documents(*lengths)
    windows = choose_windows(texts, tokens, window, seed)
    assert windows.tokens == sum(map(len, windows.ids)) == min(tokens, sum(lengths))
    flat = [token for ids in windows.ids for token in ids]
    assert len(set(flat)) == len(flat)
    for ids in windows.ids:
        assert 0 < len(ids) <= window
        assert ids == tuple(range(ids[0], ids[0] + len(ids)))
        assert ids[-1] in texts[owner(ids, texts)]
    assert choose_windows(texts, tokens, window, seed) == windows


@settings(deadline=None)
@given(lengths=st.lists(st.integers(1, 40), min_size=1, max_size=6), window=st.integers(2, 12), seed=st.integers(0, 99))
def test_short_windows_come_last(lengths: list[int], window: int, seed: int):
    sizes = [len(ids) for ids in choose_windows(documents(*lengths), sum(lengths), window, seed).ids]
    full = sizes.count(window)
    assert full == sum(length // window for length in lengths)
    assert set(sizes[:full]) <= {window}


def test_the_seed_chooses_the_order_and_the_places():
    texts = documents(*[80] * 6)
    draws = {choose_windows(texts, 48, 8, seed) for seed in range(20)}
    assert len(draws) == 20
    assert len({draw.ids[0][0] % 80 for draw in draws}) > 3
    assert len({owner(draw.ids[0], texts) for draw in draws}) > 3


def test_a_document_goes_round_from_its_starting_place():
    starts = {choose_windows(documents(7), 7, 3, seed).ids for seed in range(30)}
    assert starts == {((0, 1, 2), (3, 4, 5), (6,)), ((3, 4, 5), (0, 1, 2), (6,))}


def test_every_round_takes_one_window_of_each_document():
    texts = documents(24, 24, 24, 24)
    owners = [owner(ids, texts) for ids in choose_windows(texts, 64, 8, seed=3).ids]
    assert sorted(owners[:4]) == sorted(owners[4:]) == [0, 1, 2, 3]


def test_the_last_window_is_cut_to_the_budget():
    assert [len(ids) for ids in choose_windows(documents(30), 13, 5, seed=0).ids] == [5, 5, 3]


@pytest.mark.parametrize("seed", range(10))
def test_parallel_texts_start_at_parallel_places(seed: int):
    brief, long = documents(*[80] * 5), documents(*[240] * 5)
    first = choose_windows(brief, 40, 8, seed).ids
    second = choose_windows(long, 40, 8, seed).ids
    assert [owner(ids, brief) for ids in first] == [owner(ids, long) for ids in second]
    shares = [(ids[0] % 80) / 80 - (other[0] % 240) / 240 for ids, other in zip(first, second, strict=True)]
    assert max(map(abs, shares)) < 8 / 80


def test_repeated_windows_go_round_to_the_exact_number_of_tokens():
    windows = Windows(((1, 2, 3), (4, 5), (6,)))
    assert repeat_windows(windows, 14).ids == ((1, 2, 3), (4, 5), (6,), (1, 2, 3), (4, 5), (6,), (1, 2))
    assert repeat_windows(windows, 4).ids == ((1, 2, 3), (4,))


@settings(deadline=None)
@given(lengths=st.lists(st.integers(1, 9), min_size=1, max_size=5), tokens=st.integers(1, 200))
def test_repeated_windows_are_exact_for_any_lengths(lengths: list[int], tokens: int):
    windows = Windows(tuple(map(tuple, documents(*lengths))))
    repeated = repeat_windows(windows, tokens)
    assert repeated.tokens == tokens
    assert all(ids == windows.ids[place % len(lengths)] for place, ids in enumerate(repeated.ids[:-1]))


@pytest.mark.parametrize(("tokens", "enough"), [(74, False), (75, True), (76, True)])
def test_three_quarters_are_enough(tokens: int, enough: bool):
    if enough:
        assert chosen([tokens], "use", tokens=100).tokens == tokens
    else:
        with pytest.raises(UserError, match="fewer than the 100"):
            chosen([tokens], "use", tokens=100)


@pytest.mark.parametrize("short", ["error", "skip", "cycle", "use"])
def test_a_text_that_is_long_enough_is_the_same_under_every_policy(short: str):
    expected = choose_windows(documents(30, 30), 40, 8, 0)
    assert chosen([30, 30], short, tokens=40) == expected
    assert expected.tokens == 40


def test_short_texts_stop_by_default():
    assert CalibrationSettings().short == "error"
    with pytest.raises(UserError, match="the text has 50 tokens, fewer than the 60 asked for") as caught:
        chosen([50], "error", tokens=60)
    assert "calibration.short" in caught.value.hint


def test_short_texts_are_skipped_with_their_number_of_tokens():
    assert chosen([20, 30], "skip", tokens=60) == 50


def test_short_texts_are_used_if_they_have_three_quarters():
    assert chosen([45], "use", tokens=60) == choose_windows(documents(45), 60, 8, 0)
    with pytest.raises(UserError, match="44 tokens, fewer than the 60"):
        chosen([44], "use", tokens=60)


def test_short_texts_are_repeated():
    once, repeated = choose_windows(documents(20), 60, 8, 0), chosen([20], "cycle", tokens=60)
    assert repeated.tokens == 60
    assert repeated.ids[: len(once.ids)] == repeated.ids[len(once.ids) : 2 * len(once.ids)] == once.ids


@pytest.mark.parametrize("short", ["error", "skip", "cycle", "use"])
@pytest.mark.parametrize("lengths", [[], [0], [7, 8]])
def test_a_handful_of_tokens_is_an_error_under_every_policy(lengths: list[int], short: str):
    with pytest.raises(UserError, match="fewer than the minimum"):
        chosen(lengths, short, tokens=60)
