"""Django's message catalogues as a corpus: short sentences of one program in many languages."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

from langgeo_core.api import CorpusIdentity, Text, UserError
from langgeo_text.catalogues import DISTRIBUTION, Catalogues, Message, django_distribution
from langgeo_text.django_names import DROPPED, language_of, script_of
from langgeo_text.folder import near
from langgeo_text.options import DjangoOptions


class Django:
    """One document for each language: one message on each line, in the order of Django's English catalogues.

    Each language has the messages that are translated into it; with the option `parallel`, all have the same messages.
    Some national varieties of a language are excluded (see `django_names`).
    """

    def __init__(self, options: DjangoOptions) -> None:
        self.options = options

    def identity(self) -> CorpusIdentity:
        """Django's version; raises MissingPackageError if it is not installed."""
        version = f"{DISTRIBUTION} {django_distribution().version}"
        return CorpusIdentity("django", version, "BSD-3-Clause", "https://docs.djangoproject.com")

    def languages(self) -> Sequence[str]:
        """Ids in alphabetical order; with `parallel`, only the languages that have the common messages."""
        return sorted(self._parallel if self.options.parallel is not None else self._locales)

    def scripts(self) -> dict[str, str]:
        """The script (ISO 15924) of each language's text."""
        return {identifier: script_of(self._locales[identifier]) for identifier in self.languages()}

    def read(self, language: str) -> Text:
        """The messages as one document; raises UserError if there are none in that language."""
        if language not in self.languages():
            raise UserError(f"django has no text in {language}", near(language, self.languages()))
        texts = self._parallel[language] if self.options.parallel is not None else self._translated(language)
        source = f"{self.identity().version}: {self._locales[language]}"
        return Text(language, ("\n".join(texts.values()),), source)

    def _translated(self, language: str) -> dict[Message, str]:
        return self._catalogues.translated(self._locales[language], self._messages)

    @cached_property
    def _parallel(self) -> dict[str, dict[Message, str]]:
        """By language, the messages common to all languages that have at least the share `parallel` of them."""
        translated = {language: self._translated(language) for language in self._locales}
        least = (self.options.parallel or 0) * len(self._messages)
        full = {language: texts for language, texts in translated.items() if len(texts) >= least}
        common = [message for message in self._messages if all(message in texts for texts in full.values())]
        return {language: {message: texts[message] for message in common} for language, texts in full.items()}

    @cached_property
    def _messages(self) -> list[Message]:
        return self._catalogues.messages(self.options.words)

    @cached_property
    def _catalogues(self) -> Catalogues:
        return Catalogues(django_distribution())

    @cached_property
    def _locales(self) -> dict[str, str]:
        """The locale of each language id."""
        return {language_of(locale): locale for locale in self._catalogues.locales if locale not in DROPPED}
