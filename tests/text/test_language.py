"""Texts in another language than the articles."""

from __future__ import annotations

import pytest

from rag import text as texts

ENGLISH = "The bridge reopened on Monday after repairs that cost twelve million dollars."


@pytest.mark.parametrize(
    ("sentence", "articles", "other"),
    [
        ("Die Brücke wurde am Montag nach der Reparatur wieder geöffnet.", [ENGLISH], True),
        ("El puente se abrió el lunes después de las obras.", [ENGLISH], True),
        ("Мост снова открыт с понедельника.", [ENGLISH], True),
        ("The bridge is open.", ["Мост снова открыт с понедельника."], True),
        ("Мост открыт.", ["Мост снова открыт с понедельника."], False),
        ("The mayor of São Paulo spoke.", [ENGLISH], False),
        ("Il ponte è chiuso e la strada non è aperta.", ["Il ponte è chiuso e la strada."], False),
        ("Café.", [ENGLISH], False),
        ("Wie lang ist der Steg über den Fluss?", ["Steg: 210 Meter"], False),
        ("Wie lang ist der Steg über den Fluss?", ["Steg: 210 Meter", ENGLISH], True),
        ("12!", [ENGLISH], False),
    ],
)
def test_other_languages(sentence: str, articles: list[str], other: bool) -> None:
    assert texts.is_other_language(sentence, articles) is other
