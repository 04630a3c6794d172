"""Sign-up forms that a scraper left in one line with the article's own prose."""

from __future__ import annotations

import pytest

from rag.ingestion.cleaning import clean

BEFORE = (
    "The harbour of Vessel Bay will be dredged in spring, the council decided on Monday by nine "
    "votes to four. The work costs 1.4 million euros and takes eleven weeks. Two of the four piers "
    "stay open, and the ferry to Merrow sails from the northern one. Anglers keep their steps."
)
AFTER = (
    "Fishing boats move to Oldquay for the time of the works. Their owners pay no fee there, said "
    "the harbour master, Mara Lindqvist. She expects the first of them on 3 March and the last in "
    "the week after Easter, because some have licences that bind them to the bay until then."
)
FORMS = {
    "email": "Get our letters! Please enter a valid email address. Please enter a valid email.",
    "agreement": "Sign up for the Tide letter. By signing up you agree to our terms. Thanks!",
    "template": "Sign up free {{ #errors }} {{ message }} {{ /errors }}",
}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_the_prose_on_both_sides_of_a_form_stays(form: str) -> None:
    cleaned = clean(f"{BEFORE} {form} {AFTER}", title="Dredging")
    assert cleaned.text.startswith(BEFORE)
    assert cleaned.text.endswith(AFTER)
    assert "valid email" not in cleaned.text
    assert "agree to our terms" not in cleaned.text
    assert "{{" not in cleaned.text
    assert "subscribe call" in {removal.rule for removal in cleaned.removed}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_a_form_before_the_prose_takes_its_pitch_along(form: str) -> None:
    cleaned = clean(f"Love the sea? {form} {AFTER}", title="Dredging")
    assert "Love the sea?" not in cleaned.text
    assert cleaned.text.endswith(AFTER)


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_a_form_on_a_line_of_its_own_goes_as_a_whole(form: str) -> None:
    cleaned = clean(f"{BEFORE}\n\n{form}\n\n{AFTER}", title="Dredging")
    assert cleaned.text == f"{BEFORE}\n\n{AFTER}"


def test_capitals_that_grow_in_lower_case_move_nothing() -> None:
    cleaned = clean(f"{BEFORE} İİİİ Please enter a valid email address. {AFTER}", title="Dredging")
    assert cleaned.text.endswith(AFTER)
