"""The language of files of the collection, where the file alone does not determine it.

A file `udhr_<key>.xml` whose key is not listed has the ISO 639-3 code stated in it.
"""

from __future__ import annotations

DROPPED = {
    "ckb": "holds the Northern Kurdish text of `kmr`",
    "prq": "holds the Cashinahua text of `cbs`",
    "kng": "holds the Kituba text of `ktu`; `kng_AO` is Kongo",
}

# If several files have the same code, the plain id is the spelling of most present-day texts. The ids of the others
# have the script if it differs from the plain one's, else the variety, or the number in the collection.
NAMES = {
    "008": "pov_008",
    "009": "kmb_009",
    "011": "umb_011",
    "acu_1": "acu_1",
    "aka_akuapem": "twi_akuapem",
    "aka_asante": "twi",
    "auv": "oci_auvern",
    "azj_cyrl": "azj_Cyrl",
    "azj_latn": "azj",
    "bos_cyrl": "bos_Cyrl",
    "bos_latn": "bos",
    "chr_cased": "chr_cased",
    "chr_uppercase": "chr",
    "cjk_AO": "cjk_AO",
    "cmn_hans": "cmn_Hans",
    "cmn_hant": "cmn_Hant",
    "deu_1901": "deu_1901",
    "deu_1996": "deu",
    "ell_monotonic": "ell",
    "ell_polytonic": "ell_polytonic",
    "est": "ekk",  # the code of the macrolanguage
    "fuf_adlm": "fuf_Adlm",
    "hat_kreyol": "hat_kreyol",  # unrevised: corrections stand beside what they replace
    "hat_popular": "hat",
    "hau_NE": "hau_NE",
    "hau_NG": "hau",
    "hsf": "hus_otontepec",
    "hva": "hus_potosino",
    "lat_1": "lat_1",
    "lav": "lvs",  # the code of the macrolanguage
    "lin_tones": "lin_tones",
    "lnc": "oci",  # Languedocien, the base of the common spelling
    "mly_arab": "zlm_Arab",
    "mly_latn": "zlm",
    "nya_chechewa": "nya",
    "nya_chinyanja": "nya_chinyanja",
    "oci_1": "frp_fribourg",  # Francoprovençal, a language of its own, claimed as Occitan
    "oci_2": "frp",
    "oci_3": "frp_vaud",
    "oci_4": "frp_valais",
    "por_BR": "por",
    "por_PT": "por_PT",
    "prv": "oci_provenc",
    "qud": "qud",  # claims `que`, the macrolanguage
    "rmn_1": "rmn_1",
    "roh": "roh_1",  # names no idiom
    "roh_puter": "roh_puter",
    "roh_rumgr": "roh",  # the common written standard
    "roh_surmiran": "roh_surmiran",
    "roh_sursilv": "roh_sursilv",
    "roh_sutsilv": "roh_sutsilv",
    "roh_vallader": "roh_vallader",
    "ron_1953": "ron_1953",
    "ron_1993": "ron_1993",
    "ron_2006": "ron",
    "srp_cyrl": "srp",
    "srp_latn": "srp_Latn",
    "tam_LK": "tam_LK",
    "tha": "tha_1",  # an editor's corrections stand in brackets in it
    "tha2": "tha",
    "tso_MZ": "tso_MZ",
    "tso_ZW": "tso",  # in the spelling of South Africa, where most speakers live
    "tuk_cyrl": "tuk_Cyrl",
    "tuk_latn": "tuk",
    "uig_arab": "uig",
    "uig_latn": "uig_Latn",
    "urd_2": "urd_2",
    "uzn_cyrl": "uzn_Cyrl",
    "uzn_latn": "uzn",
    "vie_han": "vie_Hani",
}
