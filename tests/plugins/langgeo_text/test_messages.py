import pytest

from langgeo_text.catalogues import cleaned, words


@pytest.mark.parametrize(
    ("message", "text"),
    [
        ("%(name)s with this %(field)s already exists.", "with this already exists."),
        ("Ensure this value is less than %(limit_value)s.", "Ensure this value is less than."),
        ("Select all %(total_count)d objects (%s)", "Select all objects"),
        ("“%(value)s” value must be an integer.", "value must be an integer."),
        ("Der Wert „%(value)s“ muss ganz sein.", "Der Wert muss ganz sein."),
        ("Voir « {name} » ici", "Voir ici"),
        ('Please <a href="{url}">log in</a>\n  again.', "Please log in again."),
        ("Tom &amp; Jerry&#39;s", "Tom Jerrys"),
        ("See https://docs.example.org/a?b=1 for more", "See for more"),
        ("100% of it", "100% of it"),
        ("値 %(value)s 、", "値、"),
        ("%s", ""),
    ],
)
def test_what_is_no_language_is_taken_out(message, text):
    assert cleaned(message) == text


def test_cleaning_twice_changes_nothing_more():
    once = cleaned("“%(a)s” in <em>%(b)s</em> (%d): “x”")
    assert once == "in: “x”"
    assert cleaned(once) == once


def test_words_are_runs_of_letters():
    assert [words(text) for text in ("", "…", "May", "Don’t stop", "same-origin 3 users")] == [0, 0, 1, 2, 3]
