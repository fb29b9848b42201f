"""The four-letter codes of ISO 15924: which script a text is in, and which codes name one script."""

from __future__ import annotations

SCRIPTS = frozenset(
    """
    Adlm Afak Aghb Ahom Arab Aran Armi Armn Avst Bali Bamu Bass Batk Beng Berf Bhks Blis Bopo Brah Brai Bugi Buhd
    Cakm Cans Cari Cham Cher Chis Chrs Cirt Copt Cpmn Cprt Cyrl Cyrs Deva Diak Dogr Dsrt Dupl Egyd Egyh Egyp Elba
    Elym Ethi Gara Geok Geor Glag Gong Gonm Goth Gran Grek Gujr Gukh Guru Hanb Hang Hani Hano Hans Hant Hatr Hebr
    Hira Hluw Hmng Hmnp Hrkt Hung Inds Ital Jamo Java Jpan Jurc Kali Kana Kawi Khar Khmr Khoj Kits Knda Kore Kpel
    Krai Kthi Lana Laoo Latf Latg Latn Leke Lepc Limb Lina Linb Lisu Loma Lyci Lydi Mahj Maka Mand Mani Marc Maya
    Medf Mend Merc Mero Mlym Modi Mong Moon Mroo Mtei Mult Mymr Nagm Nand Narb Nbat Newa Nkdb Nkgb Nkoo Nshu Ogam
    Olck Onao Orkh Orya Osge Osma Ougr Palm Pauc Pcun Perm Phag Phli Phlp Phlv Phnx Piqd Plrd Prti Ranj Rjng Rohg
    Roro Runr Samr Sara Sarb Saur Seal Sgnw Shaw Shrd Shui Sidd Sidt Sind Sinh Sogd Sogo Sora Soyo Sund Sunu Sylo
    Syrc Syre Syrj Syrn Tagb Takr Tale Talu Taml Tang Tavt Tayo Telu Teng Tfng Tglg Thaa Thai Tibt Tirh Tnsa Todr
    Tols Toto Tutg Ugar Vaii Visp Vith Wara Wcho Wole Xpeo Xsux Yezi Yiii Zanb
    """.split()  # noqa: SIM905 - two hundred quoted codes read worse
)

_VARIANTS = {
    "Arab": "Aran",
    "Cyrl": "Cyrs",
    "Hang": "Jamo Kore",
    "Hani": "Hanb Hans Hant",
    "Jpan": "Hira Hrkt Kana",
    "Latn": "Latf Latg",
    "Syrc": "Syre Syrj Syrn",
}
"""Codes of writing that shares its characters with another: forms of letters, simplified and traditional characters,
and parts of a mixture or a mixture that in today's texts is one of its parts, as Korean is Hangul."""

_ONE = {code: script for script, codes in _VARIANTS.items() for code in codes.split()}


def one_script(code: str) -> str:
    """The script that a code is counted as where it is asked whether two texts share one: `Hani` for `Hans`.

    The Japanese mixture stays apart from `Hani`, which has no kana. Other codes stand for themselves.

    Examples
    --------
    >>> one_script("Hant"), one_script("Kore"), one_script("Jpan"), one_script("")
    ('Hani', 'Hang', 'Jpan', '')
    """
    return _ONE.get(code, code)
