"""A number, name or opposite in another one's place is doubted, whatever the reader says."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.verification.features.alignment import kept_beside, substitutions
from rag.verification.features.parsing import parse_sentence
from scripted_reader import Sure, checked

TEXT = (
    "Mayor Ada Quill opened the new bridge in Esk in May. "
    "Governor Bo Lund promised dock workers a warmer canteen, and thanked Ada Quill. "
    "In Esk alone, 18 ferries wait for repair, while 300 are on the list of the whole coast. "
    "Freight was worse than in the year of the flood. "
    "The harbour lost almost all of its freight, which is about 30 % of the income of the town."
)


@pytest.mark.parametrize(
    "claim",
    [
        "Ada Quill promised dock workers a warmer canteen.",
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
        "Bo Lund promised dock workers a warmer canteen.",
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
    said = "Last May the Danish owner dismissed forty dock workers."
    assert not found("Last May Lund Ltd dismissed forty dock workers.", said)
    said = "Last May Moss Ltd dismissed forty dock workers."
    assert found("Last May Lund Ltd dismissed forty dock workers.", said)


def test_one_number_may_be_written_in_two_ways() -> None:
    said = "Last May the ferry completed 25-of-36 planned crossings."
    assert not found("Last May the ferry completed 25 of 36 planned crossings.", said)
    said = "Last May the repair took fourteen cold weeks."
    assert not found("Last May the repair took 14 cold weeks.", said)
    assert found("Last May the repair took 15 cold weeks.", said)


def test_spellings_and_initials_are_the_same_name() -> None:
    assert not found(
        "Pilot John Moss left the port of Esk.", "Pilot Jon Moss left the port of Esk."
    )
    said = "In May the World Port Office praised the harbour for its lights."
    assert not found("In May the WPO praised the harbour for its lights.", said)


def test_before_and_after_are_two_sides_of_one_order() -> None:
    said = "The fair opens two weeks before the boats leave Esk."
    assert not found("The fair opens two weeks after the boats leave Esk.", said)


def test_a_sentence_that_keeps_the_number_with_its_words_clears_it() -> None:
    claim = parse_sentence("It is the oldest working crane there since 1954.")
    rival = parse_sentence("Esk has the oldest working crane there since 1931.")
    (exchanged,) = substitutions(claim, rival, frozenset())
    assert exchanged.put == ("1954",) and exchanged.replaced == ("1931",)
    own = parse_sentence("In Esk they call it the oldest working crane there since 1954.")
    assert kept_beside(exchanged, claim, own) >= exchanged.beside
    assert kept_beside(exchanged, claim, rival) == 0


def test_nearly_the_same_sentence_about_something_else_is_no_reason_to_doubt() -> None:
    crane = "The oldest working steam crane of the whole eastern harbour front of Esk"
    rival = f"{crane} was bought there in 1931, and painted red."
    own = f"{crane} was bought there in 1954, said the mayor."
    claim = f"{crane} was bought there in 1954."
    assert checked(claim, Sure(0.97), f"{rival} {own}").verdict == "supported"
    assert checked(claim, Sure(0.97), rival).verdict != "supported"


WORDS = st.sampled_from(
    "Ada Quill Esk Tarn 18 300 most ferry wait repair heavy light the of".split()
)


@given(st.lists(WORDS, min_size=1, max_size=14), st.lists(WORDS, min_size=1, max_size=14))
def test_what_is_exchanged_is_a_piece_of_the_claim_and_differs(
    claim: list[str], words: list[str]
) -> None:
    names = frozenset({"ada", "quill", "esk", "tarn"})
    one, other = (parse_sentence(" ".join(each)) for each in (claim, words))
    assert not substitutions(one, one, names)
    for exchanged in substitutions(one, other, names):
        piece = slice(exchanged.start, exchanged.end)
        assert set(exchanged.put) <= {*one.words[piece], *one.stems[piece]}
        assert set(exchanged.put).isdisjoint(exchanged.replaced)
        assert exchanged.beside >= 2
