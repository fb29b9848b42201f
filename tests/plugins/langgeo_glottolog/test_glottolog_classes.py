import pytest
from pydantic import ValidationError

import langgeo_glottolog
from langgeo_core.api import Language
from langgeo_glottolog.classification import class_of, family_of, relation
from langgeo_glottolog.evaluator import Glottolog
from langgeo_glottolog.options import GlottologOptions


def language(code: str, glottocode: str, family: str, branch: str, lineage: str, level: str = "language") -> Language:
    ancestors = tuple(filter(None, lineage.split("/")))
    return Language(code, code, glottocode, level=level, family=family, branch=branch, lineage=ancestors)


GERMAN = language("deu", "stan1295", "Indo-European", "Germanic", "indo1319/clas1257/germ1287/nort3152")
CROATIAN = language(
    "hrv",
    "croa1245",
    "Indo-European",
    "Balto-Slavic",
    "indo1319/clas1257/balt1263/slav1255/sout1528/shto1241/news1236/east2821",
    "dialect",
)
SERBO_CROATIAN = language("hbs", "sout1528", "Indo-European", "Balto-Slavic", "indo1319/clas1257/balt1263/slav1255")
ALBANIAN = language("sqi", "alba1267", "Indo-European", "Albanian", "indo1319/clas1257", "family")
ARBERESHE = language("aae", "arbe1236", "Indo-European", "Albanian", "indo1319/clas1257/alba1267/alba1268")
KOREAN = language("kor", "kore1280", "Koreanic", "Korean", "kore1284")
BASQUE = language("eus", "basq1248", "Basque", "Basque", "")
SOULETIN = language("bqe", "basq1249", "Basque", "Navarro-Labourdin Basque", "basq1248", "dialect")
HAIDA = language("hai", "haid1248", "Haida", "Haida", "", "family")
ESPERANTO = language("epo", "espe1235", "Artificial Language", "Esperantic", "arti1236/espe1236")
UNKNOWN = Language("xxx", "xxx")


def classes(languages: list[Language], level: str, **options: str) -> list[str | None]:
    return [class_of(one, level, GlottologOptions(**options)) for one in languages]


def test_the_plugin_registers_a_record_that_loads():
    (record,) = langgeo_glottolog.langgeo_evaluators()
    evaluator = record.load("factory")(record.load("options")())
    assert evaluator.labels([BASQUE]) == {"family": ("Basque",), "branch": ("Basque",)}


def test_families_and_branches():
    languages = [GERMAN, CROATIAN, ALBANIAN, KOREAN, BASQUE]
    assert classes(languages, "family") == ["Indo-European"] * 3 + ["Koreanic", "Basque"]
    assert classes(languages, "branch") == ["Germanic", "Balto-Slavic", "Albanian", "Korean", "Basque"]


def test_depths_follow_the_lineage_and_end_with_the_language():
    assert classes([GERMAN] * 3, "depth-1") == ["indo1319"] * 3
    assert [class_of(GERMAN, f"depth-{n}", GlottologOptions()) for n in (3, 4, 5, 6)] == [
        "germ1287",
        "nort3152",
        "stan1295",
        "stan1295",
    ]
    assert classes([KOREAN, BASQUE], "depth-4") == ["kore1280", "basq1248"]


def test_a_node_and_the_languages_below_it_share_a_class():
    assert classes([ALBANIAN, ARBERESHE], "depth-3") == ["alba1267", "alba1267"]
    assert classes([ALBANIAN, ARBERESHE], "depth-4") == ["alba1267", "alba1268"]


def test_a_dialect_stands_for_its_parent_unless_kept():
    assert classes([CROATIAN, SERBO_CROATIAN], "depth-6") == ["sout1528", "sout1528"]
    assert classes([CROATIAN, SERBO_CROATIAN], "depth-12") == ["sout1528", "sout1528"]
    assert classes([CROATIAN, SERBO_CROATIAN], "depth-12", dialects="keep") == ["croa1245", "sout1528"]


def test_a_dialect_of_an_isolate_belongs_to_it_unless_kept():
    assert classes([BASQUE, SOULETIN], "branch") == ["Basque", "Basque"]
    assert classes([BASQUE, SOULETIN], "branch", dialects="keep") == ["Basque", "Navarro-Labourdin Basque"]
    assert classes([BASQUE, SOULETIN], "depth-2", dialects="keep") == ["basq1248", "basq1249"]


def test_relatives_share_a_branch_or_a_family_and_a_pseudo_family_is_none():
    ido = language("ido", "idoo1234", "Artificial Language", "Esperantic", "arti1236/espe1236")
    assert relation(CROATIAN, SERBO_CROATIAN) == "branch Balto-Slavic"
    assert relation(GERMAN, CROATIAN) == "family Indo-European"
    pairs = [(GERMAN, KOREAN), (ESPERANTO, ido), (UNKNOWN, UNKNOWN), (KOREAN, UNKNOWN)]
    assert [relation(*pair) for pair in pairs] == ["no"] * 4
    assert [family_of(one) for one in (GERMAN, ESPERANTO, UNKNOWN)] == ["Indo-European", "", ""]


@pytest.mark.parametrize("level", ["family", "branch", "depth-2"])
def test_isolates_can_be_left_out_and_families_are_none(level: str):
    kept = classes([BASQUE, SOULETIN, HAIDA, GERMAN], level, isolates="drop")
    assert kept[:2] == [None, None]
    assert None not in kept[2:]


@pytest.mark.parametrize("level", ["family", "branch", "depth-2"])
def test_pseudo_families_are_left_out_unless_kept(level: str):
    assert classes([ESPERANTO], level) == [None]
    assert None not in classes([ESPERANTO], level, pseudo_families="keep")


@pytest.mark.parametrize("level", ["family", "branch", "depth-1"])
def test_a_language_unknown_to_glottolog_has_no_class(level: str):
    assert classes([UNKNOWN], level) == [None]


def test_labels_have_every_configured_level():
    labels = Glottolog(GlottologOptions(levels=("depth-2", "family"))).labels([GERMAN, ESPERANTO])
    assert labels == {"depth-2": ("clas1257", None), "family": ("Indo-European", None)}


def test_options_are_checked():
    assert GlottologOptions.model_validate({"levels": ["branch"], "permutations": "99"}).permutations == 99
    for wrong in ({"levels": ["genus"]}, {"levels": ["depth-0"]}, {"levels": []}, {"subsamples": 1}, {"seed": 1}):
        with pytest.raises(ValidationError):
            GlottologOptions.model_validate(wrong)
