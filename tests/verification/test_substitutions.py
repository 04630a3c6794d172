"""A number, name or opposite in another one's place is doubted, whatever the reader says."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.verification.features.parsing import parse_sentence
from rag.verification.features.substitutions import kept_beside, substitutions
from scripted_reader import Sure, checked

TEXT = (
    "Mayor Ada Quill opened the new bridge in Esk in May. "
    "Governor Bo Lund told dock workers that they deserve a rise, and thanked Ada Quill. "
    "In Esk alone, 18 ferries wait for repair, while 300 are on the list of the whole coast. "
    "Freight was worse than in the year of the flood. "
    "The harbour lost almost all of its freight, which is about 30 % of the income of the town."
)


@pytest.mark.parametrize(
    "claim",
    [
        "Ada Quill told dock workers that they deserve a rise.",
        "In Esk alone, 300 ferries wait for repair.",
        "Freight was better than in the year of the flood.",
        "The harbour lost about 30 % of its freight.",
    ],
)
def test_what_stands_in_anothers_place_overrules_the_reader(claim: str) -> None:
    assert checked(claim, Sure(0.97), TEXT).verdict != "supported"


@pytest.mark.parametrize(
    "claim",
    [
        "Bo Lund told dock workers that they deserve a rise.",
        "In Esk alone, 18 ferries wait for repair.",
        "On the list of the whole coast are 300 ferries.",
        "Freight was worse than in the year of the flood, it was said.",
        "The new bridge in Esk was opened by the mayor, Ada Quill.",
        "The harbour lost almost all of its freight.",
    ],
)
def test_the_same_words_in_their_own_place_are_supported(claim: str) -> None:
    assert checked(claim, Sure(0.97), TEXT).verdict == "supported"


def found(claim: str, said: str) -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
    one, other = parse_sentence(claim), parse_sentence(said)
    return [each[:2] for each in substitutions(one, other, one.names | other.names)]


def test_a_description_is_no_rival() -> None:
    said = "Last May the Esk-based company of brewers dismissed forty dock workers."
    assert not found("Last May Lund Ltd dismissed forty dock workers.", said)
    said = "Last May its Danish owner dismissed forty dock workers."
    assert not found("Last May Lund Ltd dismissed forty dock workers.", said)


def test_spellings_and_initials_are_the_same_name() -> None:
    assert not found(
        "Comedian Sarah Moss sued the port of Esk.", "Comedian Sara Moss sued the port of Esk."
    )
    said = "In May the World Port Office accused the harbour of fraud."
    assert not found("In May the WPO accused the harbour of fraud.", said)


def test_before_and_after_are_two_sides_of_one_order() -> None:
    said = "The match comes three days before they meet Tarn in Esk."
    assert not found("The match comes three days after they meet Tarn in Esk.", said)


def test_a_sentence_that_keeps_the_number_with_its_words_clears_it() -> None:
    claim = parse_sentence("It was their first series win since 2004.")
    rival = parse_sentence("The sweep was their first series win since 2002.")
    (exchanged,) = substitutions(claim, rival, frozenset())
    assert exchanged.put == ("2004",) and exchanged.replaced == ("2002",)
    own = parse_sentence("In Esk it was called their first series win since 2004.")
    assert kept_beside(exchanged, claim, own) >= exchanged.beside
    assert kept_beside(exchanged, claim, rival) == 0


WORDS = st.sampled_from(
    "Ada Quill Esk Tarn 18 300 most ferry wait repair heavy light the of".split()
)


@given(st.lists(WORDS, min_size=1, max_size=14), st.data())
def test_what_is_only_left_out_is_no_substitution(words: list[str], data: st.DataObject) -> None:
    kept = data.draw(st.lists(st.booleans(), min_size=len(words), max_size=len(words)))
    claim = [word for word, keep in zip(words, kept, strict=True) if keep]
    names = frozenset({"ada", "quill", "esk", "tarn"})
    one, other = (parse_sentence(" ".join(each)) for each in (claim, words))
    for exchanged in substitutions(one, other, names):
        # difflib may lay a claim out as an exchange; then the same words are in the article.
        assert set(exchanged.put) <= set(other.words)
