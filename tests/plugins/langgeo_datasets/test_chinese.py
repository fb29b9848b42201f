import pytest

from langgeo_datasets.chinese import _OF, belongs

SIMPLIFIED = "人人生而自由，在尊严和权利上一律平等。他们赋有理性和良心，并应以兄弟关系的精神相对待。"
TRADITIONAL = "人人生而自由，在尊嚴和權利上一律平等。他們賦有理性和良心，並應以兄弟關係的精神相對待。"


@pytest.mark.parametrize(
    ("script", "own", "other"), [("Hans", SIMPLIFIED, TRADITIONAL), ("Hant", TRADITIONAL, SIMPLIFIED)]
)
def test_a_document_belongs_to_the_script_it_is_written_in(script, own, other):
    wanted = belongs(script)
    assert (wanted(own), wanted(other), wanted(own + other), wanted("一二三"), wanted("")) == (
        True,
        False,
        False,
        False,
        False,
    )


def test_other_scripts_are_not_told():
    assert belongs("Latn") is None
    assert belongs("") is None


def test_no_character_tells_for_both():
    assert len(_OF["Hans"]) == len(_OF["Hant"])
    assert _OF["Hans"] & _OF["Hant"] == set()
    for script, encoding in (("Hans", "gb2312"), ("Hant", "big5")):
        assert "".join(sorted(_OF[script])).encode(encoding)
    for script, encoding in (("Hans", "big5"), ("Hant", "gb2312")):
        assert [one for one in _OF[script] if _encodes(one, encoding)] == []


def _encodes(character: str, encoding: str) -> bool:
    try:
        character.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True
