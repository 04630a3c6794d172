"""Each signal by itself, on texts short enough to see why."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.verification.signals import (
    alignment,
    attribution,
    contrast,
    dates,
    lemmas,
    names,
    order,
    polarity,
    quantities,
    surroundings,
)
from rag.verification.signals import reference as references
from rag.verification.signals.analysis import analyse, union
from rag.verification.signals.document import Document, best_stretch
from rag.verification.signals.features import View, measure


@pytest.mark.parametrize(
    ("claim", "said", "missing"),
    [
        ("It cost $5 million.", "It cost 5,000,000 dollars.", []),
        ("It cost $5 million.", "It cost $6 million.", ["$5 million"]),
        ("It cost $5 million.", "It cost €5 million.", ["$5 million"]),
        ("It grew by 12 percent.", "Growth was 12%.", []),
        ("It grew by 12 percent.", "It grew by 12 points.", []),
        ("About 25,000 came.", "24,600 people came.", []),
        ("Exactly 25,000 came.", "24,600 people came.", ["25,000"]),
        ("Seven ships sank.", "7 ships sank.", []),
        ("Twenty-one ships sank.", "12 ships sank.", ["Twenty-one"]),
        ("It began in 2019.", "It began.", []),
    ],
)
def test_quantities(claim: str, said: str, missing: list[str]) -> None:
    found = quantities.missing(quantities.quantities(claim), quantities.quantities(said))
    assert [item.text for item in found] == missing


def test_a_year_before_a_comma_is_a_date_and_no_number() -> None:
    assert quantities.quantities("In 2018, it closed.") == ()
    assert [q.text for q in quantities.quantities("Of 2,018, 40, left.")] == ["2,018", "40"]


def test_numbers_in_figures_and_in_words() -> None:
    figures = [quantities.in_figures(q) for q in quantities.quantities("12 ships and two boats")]
    assert figures == [True, False]


def test_relative_dates() -> None:
    day = date(2025, 3, 1)
    assert {"february", "2025", "friday", "28"} <= dates.spoken("He left yesterday.", day)
    assert "2024" in dates.spoken("It failed last year.", day)
    assert "february" in dates.spoken("It failed two weeks ago.", day)
    assert "12" not in dates.spoken("It failed last year.", day)
    assert dates.spoken("He left yesterday.", None) == frozenset()
    assert dates.days_of_months("On 3 May and June 14, 2020") == {"3", "14"}


@given(st.dates(date(1000, 1, 1), date(2900, 1, 1)), st.sampled_from("day week month year".split()))
def test_relative_dates_never_fail(day: date, unit: str) -> None:
    assert dates.spoken(f"ten {unit}s ago, last {unit}, tomorrow on Monday", day)


def test_names() -> None:
    known = frozenset({"openai", "microsoft", "jean-paul"})
    assert names.stands_in("openai", known)
    assert names.stands_in("eu", known, names.initials("the European Union"))
    assert names.stands_in("jeanpaul", known)
    assert not names.stands_in("google", known)


@pytest.mark.parametrize(
    ("name", "known", "missing"),
    [
        ("mexican", {"mexico"}, False),
        ("british", {"britain"}, False),
        ("ai-driven", {"ai"}, False),
        ("q3", {"third", "quarter"}, False),
        ("q3", {"third"}, True),
        ("peru", {"mexico"}, True),
        ("johnson", {"johnston"}, True),
        ("click", set(), False),
    ],
)
def test_missing_names(name: str, known: set[str], missing: bool) -> None:
    assert bool(names.missing([name], frozenset(known))) == missing


@pytest.mark.parametrize(
    ("claim", "said", "turned"),
    [
        ("The firm moved.", "The firm did not move.", True),
        ("The firm did not move.", "The firm never moved.", False),
        ("The firm moved the desk.", "The desk was high.", False),
    ],
)
def test_negation(claim: str, said: str, turned: bool) -> None:
    found = polarity.turned(claim, said)
    assert bool(found & {"move", "firm"}) == turned


def test_hedges() -> None:
    assert polarity.strengthened("The firm will move.", "The firm may move.") == ("possible",)
    assert polarity.strengthened("The firm may move.", "The firm might move.") == ()
    assert polarity.strengthened("It rained.", "The firm may move.") == ()
    assert polarity.hedges("He allegedly plans it.") == {"alleged", "planned"}
    assert polarity.certain("It is definitely so.") and not polarity.certain("It is so.")


def test_opposites_and_quantity_words() -> None:
    assert contrast.clashes(("increas",), frozenset({"fall"})) == ("increas",)
    assert contrast.clashes(("stable",), frozenset({"unstable"})) == ("stable",)
    assert contrast.clashes(("increas",), frozenset({"increas", "fall"})) == ()
    assert contrast.shares(["all", "some"]) == {5, 2}
    assert contrast.comparisons("the biggest player of the summer was faster".split()) == {
        "biggest",
        "faster",
    }
    assert contrast.exclusive(["only"])
    assert contrast.absolute("they always won".split()) == {"always"}


NEWS = Document(
    [
        analyse("In Asia, sales of phones fell last year."),
        analyse("Sales of cars in Europe rose."),
        analyse("The firm did not close its mine in Chile."),
        analyse("Its mine in Peru was closed."),
    ]
)


@pytest.mark.parametrize(
    ("claim", "is_opposed"),
    [
        ("Sales of phones in Asia rose.", True),
        ("Sales of phones in Asia fell.", False),
        ("Sales of cars in Europe rose.", False),
        ("Sales of cars in Europe fell.", True),
        ("Boats sank.", False),
    ],
)
def test_opposites_in_the_same_surroundings(claim: str, is_opposed: bool) -> None:
    assert (surroundings.opposed(analyse(claim), NEWS) > 0.3) == is_opposed


def test_what_is_denied_here_and_asserted_there() -> None:
    wrong, right = map(analyse, ("Sales in Europe never rose.", "The firm did not close its mine."))
    assert surroundings.asserted_elsewhere(wrong, NEWS) > 0.3
    assert surroundings.asserted_elsewhere(right, NEWS) == 0.0


def test_what_is_asserted_here_and_denied_there() -> None:
    said = analyse("The firm did not sell its mine.")
    alone = Document([said, analyse("It rained.")])
    assert surroundings.denied_there(analyse("The firm will sell its mine."), said, alone)
    assert not surroundings.denied_there(analyse("The firm did not sell it."), said, alone)
    also = Document([said, analyse("It will sell the mine of its rival, though, the firm says.")])
    assert not surroundings.denied_there(analyse("They sell."), said, also)


def test_relative_dates_count_from_the_publication() -> None:
    document, claim = Document([analyse("He left yesterday.")]), analyse("He left in February.")
    stretch = best_stretch(claim, document)
    assert measure(View(claim, document, stretch))["date"] > 0
    assert measure(View(claim, document, stretch, published=date(2025, 3, 1)))["date"] == 0


def test_irregular_forms_are_one_word() -> None:
    assert lemmas.stem("found") == lemmas.stem("finds") == "find"
    assert lemmas.content_stems("They bought wolves") == lemmas.content_stems("They buy wolves")
    assert lemmas.stem("left") != lemmas.stem("leave"), "left may be a side"


def test_all_and_limits() -> None:
    assert contrast.universal("all four lanes are open".split()) == (frozenset({"four", "lane"}),)
    assert contrast.universal("it is not at all open".split()) == ()
    assert contrast.limits("heavier than 30 ton".split()) == ("than",)
    assert contrast.limits("more than 30".split()) == ()
    assert contrast.limits(["unless"]) == ("unless",)


def test_roles() -> None:
    parties = frozenset({"ann", "bob"})
    assert order.swapped(["bob", "hit", "ann"], ["ann", "hit", "bob"], parties)
    assert not order.swapped(["ann", "hit", "bob"], ["ann", "hit", "bob"], parties)
    same = ["ann", "hit", "bob"]
    assert order.swapped(same, same, parties, turned=True)
    assert order.is_passive("Bob was sued by Ann.")
    assert not order.is_passive("Ann sued Bob.")


def test_alignment() -> None:
    said = "the old bridge was closed in march".split()
    assert alignment.difference(said, said).kept == 1.0
    changed = alignment.difference("the new bridge was closed in march".split(), said)
    assert changed.put == ("new",) and changed.left == ("old",) and not changed.swapped
    swapped = alignment.difference(
        "march bridge closed old".split(), "old bridge closed march".split()
    )
    assert set(swapped.swapped) == {"old", "march"}
    moved = alignment.difference(
        "in march the bridge closed".split(), "the bridge closed in march".split()
    )
    assert not moved.swapped


def test_attribution() -> None:
    assert attribution.speakers("“No,” said Ruth Meyer.") == {"ruth", "meyer"}
    said = "Meyer said that the dam would hold."
    assert attribution.misattributed("According to Weber, the dam would hold.", said, frozenset())
    assert not attribution.misattributed("According to Meyer, it holds.", said, frozenset())
    assert attribution.only_reported(said, "The dam would hold.")
    assert attribution.only_reported("Now write that the dam broke.", "The dam broke.")
    assert not attribution.only_reported("The writer told them of the dam.", "The dam broke.")
    assert not attribution.only_reported(said, "Meyer said the dam would hold.")


def test_pronouns() -> None:
    ann, she = map(analyse, ("The mayor, Ann Lee, spoke.", "Then she left."))
    assert references.other_gender(["he", "left"], ["she", "spoke"]) == "she"
    assert references.other_gender(["he"], ["she", "his"]) is None
    assert references.other_gender(["it"], ["she"]) is None
    assert references.unresolved(she) and not references.unresolved(she, (ann,))


def test_the_smallest_stretch_that_carries_a_sentence() -> None:
    texts = ("It rained all day.", "Ann sold the mill to Bob.", "The price was ten pounds.", "End.")
    document = Document([analyse(text) for text in texts])
    one = best_stretch(analyse("Bob bought the mill that Ann sold."), document)
    assert (one.first, one.last) == (1, 1)
    two = best_stretch(analyse("Ann sold the mill to Bob for a price of ten pounds."), document)
    assert (two.first, two.last) == (1, 2)


@given(st.text(max_size=80), st.lists(st.text(max_size=60), min_size=1, max_size=4))
def test_signals_are_shares(claim: str, sentences: list[str]) -> None:
    document = Document([analyse(text) for text in sentences])
    taken = analyse(claim)
    signals = measure(View(taken, document, best_stretch(taken, document)))
    assert all(0.0 <= value <= 1.0 for value in signals.values()), signals


def test_union_reads_like_the_whole() -> None:
    parts = [analyse("Ann paid 3 pounds."), analyse("Bob did not.")]
    both = union(parts)
    assert both.order == analyse("Ann paid 3 pounds. Bob did not.").order
    assert both.denials == 1 and len(both.quantities) == 1
