"""Text in many languages: the Universal Declaration of Human Rights, Django's messages, a folder of your own texts."""

from __future__ import annotations

from collections.abc import Iterator

from langgeo_core.hooks import hookimpl, records


@hookimpl
def langgeo_corpora() -> Iterator[records.Corpus]:
    """Register `udhr`, `django` and `text-folder`."""
    yield records.Corpus(
        "udhr",
        "The Universal Declaration of Human Rights, parallel text in 393 languages; offline.",
        "langgeo_text.udhr:Udhr",
        requires=("notofonttools",),
        install='"langgeo[starter]"',
        source="United Nations General Assembly 1948, Universal Declaration of Human Rights, "
        "https://www.ohchr.org/en/universal-declaration-of-human-rights",
        licence="© OHCHR",
    )
    yield records.Corpus(
        "django",
        "Django's message catalogues: messages of a web framework in 92 languages; offline.",
        "langgeo_text.django:Django",
        options="langgeo_text.options:DjangoOptions",
        requires=("django", "polib"),
        install='"langgeo[starter]"',
        source="https://docs.djangoproject.com/en/5.2/topics/i18n/",
        licence="BSD-3-Clause",
    )
    yield records.Corpus(
        "text-folder",
        "A folder of your own texts: <iso639-3>.txt, .txt.gz or .jsonl.",
        "langgeo_text.folder:TextFolder",
        options="langgeo_text.options:TextFolderOptions",
        licence="the user's own",
        folder_option="path",
    )
