"""The sounds of made-up languages, one letter each, and the changes between them that languages are known to make."""

from __future__ import annotations

CONSONANTS = "ptkbdgfvszhmnlrwjþxčšžŋ"
VOWELS = "aeiouöüë"
FRONT = "eiöü"
LETTERS = CONSONANTS + VOWELS

ONSETS = "ptkbdgmnshlrwj"
NUCLEI = "aeiou"
CODAS = "nrslk"
"""What syllables of the first language are made of."""

CHANGES: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("p", "f", ("anywhere", "initial")),
    ("t", "þ", ("anywhere", "initial")),
    ("k", "x", ("anywhere", "initial")),
    ("p", "b", ("between vowels",)),
    ("t", "d", ("between vowels",)),
    ("k", "g", ("between vowels",)),
    ("b", "v", ("anywhere", "between vowels")),
    ("d", "z", ("before front vowels", "between vowels")),
    ("g", "j", ("before front vowels", "between vowels")),
    ("b", "p", ("final", "anywhere")),
    ("d", "t", ("final", "anywhere")),
    ("g", "k", ("final", "anywhere")),
    ("k", "č", ("before front vowels",)),
    ("t", "š", ("before front vowels",)),
    ("s", "š", ("before front vowels", "anywhere")),
    ("s", "h", ("initial", "between vowels")),
    ("s", "z", ("between vowels",)),
    ("z", "r", ("between vowels",)),
    ("f", "h", ("initial", "anywhere")),
    ("f", "v", ("between vowels",)),
    ("h", "", ("anywhere", "initial")),
    ("x", "h", ("anywhere", "initial")),
    ("þ", "s", ("anywhere",)),
    ("þ", "t", ("anywhere",)),
    ("č", "š", ("anywhere",)),
    ("š", "s", ("anywhere",)),
    ("š", "x", ("anywhere",)),
    ("ž", "š", ("anywhere", "final")),
    ("j", "ž", ("anywhere", "initial")),
    ("w", "v", ("anywhere",)),
    ("v", "w", ("anywhere",)),
    ("l", "r", ("between vowels", "final")),
    ("r", "l", ("anywhere", "initial")),
    ("l", "w", ("final",)),
    ("m", "n", ("final",)),
    ("n", "ŋ", ("final",)),
    ("ŋ", "n", ("anywhere",)),
    ("n", "", ("final",)),
    ("s", "", ("final",)),
    ("k", "", ("final",)),
    ("r", "", ("final",)),
    ("a", "o", ("anywhere", "final")),
    ("a", "e", ("anywhere", "final")),
    ("e", "i", ("anywhere", "final")),
    ("e", "a", ("anywhere",)),
    ("i", "e", ("anywhere", "final")),
    ("o", "u", ("anywhere", "final")),
    ("o", "a", ("anywhere",)),
    ("u", "o", ("anywhere", "final")),
    ("u", "ü", ("anywhere",)),
    ("o", "ö", ("anywhere", "initial")),
    ("ü", "i", ("anywhere",)),
    ("ö", "e", ("anywhere",)),
    ("a", "ë", ("final",)),
    ("e", "ë", ("final",)),
    ("ë", "", ("final",)),
    ("i", "", ("final",)),
    ("u", "", ("final",)),
)
"""From which sound to which (or to none), and in which surroundings: lenitions, palatalisations, shifts, losses."""

CYRILLIC = dict(zip(LETTERS, "пткбдгфвсзхмнлрўјћһчшжңаеиоуөүъ", strict=True))
"""Each letter in the second script, one to one."""
