"""Each signal by itself, on texts short enough to see why."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag import text as texts
from rag.types import Source
from rag.verification.claim_conflicts import find_conflicts
from rag.verification.features import (
    alignment,
    attribution,
    contrast,
    names_and_pronouns,
    numbers_and_dates,
    polarity,
)
from rag.verification.features.extraction import ClaimEvidence, extract_features
from rag.verification.features.parsing import (
    ParsedDocument,
    best_stretch,
    join_sentences,
    parse_sentence,
)


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
        ("It cost 5 crore rupees.", "It cost ₹50 million.", []),
        ("It cost 1.5 lakh crore.", "It cost 1.5 trillion.", []),
        ("It drew two lakhs.", "It drew 2,00,000.", []),
        ("It drew two lakh.", "It drew two crore.", ["two lakh"]),
        ("Two hundred million came.", "200m came.", []),
        ("It began in 2019.", "It began.", []),
        ("It sold for $AU90 million.", "It sold for A$90 million.", []),
        ("It sold for $AU90 million.", "It sold for €90 million.", ["$AU90 million"]),
        ("It took six weeks.", "It took six months, after weeks of delay.", ["six"]),
        ("It took six weeks.", "A six-week trial.", []),
        ("It took 40 days.", "It took 40 years.", ["40"]),
    ],
)
def test_quantities(claim: str, said: str, missing: list[str]) -> None:
    found = numbers_and_dates.missing_quantities(
        numbers_and_dates.extract_quantities(claim), numbers_and_dates.extract_quantities(said)
    )
    assert [item.text for item in found] == missing


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("It rose from 3 to about 5.", (3.0, 5.0)),
        ("It fell to £2 million from £4 million.", (4e6, 2e6)),
        ("It went from twelve seats to nine.", (12.0, 9.0)),
        ("It rose to 5.", None),
        ("Of 40 ships, 12 sailed from Esk to Birch.", None),
        ("It went from 3 to 5 and then from 4 to 6.", None),
    ],
)
def test_a_change_from_one_value_to_another(text: str, values: tuple[float, float] | None) -> None:
    assert numbers_and_dates.change(text) == values


def test_a_year_before_a_comma_is_a_date_and_no_number() -> None:
    assert numbers_and_dates.extract_quantities("In 2018, it closed.") == ()
    assert [q.text for q in numbers_and_dates.extract_quantities("Of 2,018, 40, left.")] == [
        "2,018",
        "40",
    ]


def test_numbers_in_figures_and_in_words() -> None:
    figures = [
        numbers_and_dates.is_in_figures(q)
        for q in numbers_and_dates.extract_quantities("12 ships and two boats")
    ]
    assert figures == [True, False]


def test_relative_dates() -> None:
    day = date(2025, 3, 1)
    assert {"february", "2025", "friday", "28"} <= numbers_and_dates.resolve_dates(
        "He left yesterday.", day
    )
    assert "2024" in numbers_and_dates.resolve_dates("It failed last year.", day)
    assert "february" in numbers_and_dates.resolve_dates("It failed two weeks ago.", day)
    assert "12" not in numbers_and_dates.resolve_dates("It failed last year.", day)
    assert numbers_and_dates.resolve_dates("He left yesterday.", None) == frozenset()
    assert numbers_and_dates.month_days("On 3 May and June 14, 2020") == {"3", "14"}


@pytest.mark.parametrize(
    ("said", "day"),
    [
        ("It fell the day before yesterday.", date(2025, 3, 3)),
        ("It fell the night before last.", date(2025, 3, 3)),
        ("It falls the day after tomorrow.", date(2025, 3, 7)),
        ("It fell three days ago.", date(2025, 3, 2)),
        ("It fell twenty-one days ago.", date(2025, 2, 12)),
        ("It fell a fortnight ago.", date(2025, 2, 19)),
        ("It falls two weeks from now.", date(2025, 3, 19)),
    ],
)
def test_a_day_counted_from_the_publication(said: str, day: date) -> None:
    found = numbers_and_dates.resolve_dates(said, date(2025, 3, 5))
    assert found == {str(day.year), *day.strftime("%B %A").lower().split(), str(day.day)}


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("It fell the month before last.", {"january", "2025"}),
        ("It falls the year after next.", {"2027"}),
        ("It fell 150 years ago.", {"1875"}),
        ("It fell 2,100 years ago.", set()),
    ],
)
def test_a_month_or_year_counted_from_the_publication(said: str, words: set[str]) -> None:
    assert numbers_and_dates.resolve_dates(said, date(2025, 3, 5)) == words


@given(st.dates(date(1000, 1, 1), date(2900, 1, 1)), st.sampled_from("day week month year".split()))
def test_relative_dates_never_fail(day: date, unit: str) -> None:
    assert numbers_and_dates.resolve_dates(f"ten {unit}s ago, last {unit}, tomorrow on Monday", day)


def test_names() -> None:
    known = frozenset({"openai", "microsoft", "jean-paul"})
    assert names_and_pronouns.is_known_name("openai", known)
    assert names_and_pronouns.is_known_name(
        "eu", known, names_and_pronouns.initials_of("the European Union")
    )
    assert names_and_pronouns.is_known_name("jeanpaul", known)
    assert not names_and_pronouns.is_known_name("google", known)


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
    assert bool(names_and_pronouns.missing_names([name], frozenset(known))) == missing


@pytest.mark.parametrize(
    ("claim", "said", "turned"),
    [
        ("The firm moved.", "The firm did not move.", True),
        ("The firm did not move.", "The firm never moved.", False),
        ("The firm moved the desk.", "The desk was high.", False),
    ],
)
def test_negation(claim: str, said: str, turned: bool) -> None:
    found = polarity.opposed_stems(claim, said)
    assert bool(found & {"move", "firm"}) == turned


def test_hedges() -> None:
    assert polarity.dropped_hedges("The firm will move.", "The firm may move.") == ("possible",)
    assert polarity.dropped_hedges("The firm may move.", "The firm might move.") == ()
    assert polarity.dropped_hedges("It rained.", "The firm may move.") == ()
    assert polarity.hedge_kinds("He allegedly plans it.") == {"alleged", "planned"}
    assert polarity.insists("It is definitely so.") and not polarity.insists("It is so.")


def test_opposites_and_quantity_words() -> None:
    assert contrast.antonym_clashes(("increas",), frozenset({"fall"})) == ("increas",)
    assert contrast.antonym_clashes(("stable",), frozenset({"unstable"})) == ("stable",)
    assert contrast.antonym_clashes(("increas",), frozenset({"increas", "fall"})) == ()
    assert contrast.quantifier_levels(["all", "some"]) == {5, 2}
    assert contrast.comparatives("the biggest player of the summer was faster".split()) == {
        "biggest",
        "faster",
    }
    assert contrast.is_exclusive(["only"])
    assert contrast.absolute_words("they always won".split()) == {"always"}


NEWS = ParsedDocument(
    [
        parse_sentence("In Asia, sales of phones fell last year."),
        parse_sentence("Sales of cars in Europe rose."),
        parse_sentence("The firm did not close its mine in Chile."),
        parse_sentence("Its mine in Peru was closed."),
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
    assert (contrast.antonym_fit(parse_sentence(claim), NEWS) > 0.3) == is_opposed


def test_what_is_denied_here_and_asserted_there() -> None:
    wrong, right = map(
        parse_sentence, ("Sales in Europe never rose.", "The firm did not close its mine.")
    )
    assert contrast.denied_but_asserted(wrong, NEWS) > 0.3
    assert contrast.denied_but_asserted(right, NEWS) == 0.0


def test_what_is_asserted_here_and_denied_there() -> None:
    said = parse_sentence("The firm did not sell its mine.")
    alone = ParsedDocument([said, parse_sentence("It rained.")])
    assert contrast.asserted_but_denied(parse_sentence("The firm will sell its mine."), said, alone)
    assert not contrast.asserted_but_denied(
        parse_sentence("The firm did not sell it."), said, alone
    )
    also = ParsedDocument(
        [said, parse_sentence("It will sell the mine of its rival, though, the firm says.")]
    )
    assert not contrast.asserted_but_denied(parse_sentence("They sell."), said, also)


def test_relative_dates_count_from_the_publication() -> None:
    document, claim = (
        ParsedDocument([parse_sentence("He left yesterday.")]),
        parse_sentence("He left in February."),
    )
    stretch = best_stretch(claim, document)
    assert extract_features(ClaimEvidence(claim, document, stretch))["date"] > 0
    assert (
        extract_features(ClaimEvidence(claim, document, stretch, published=date(2025, 3, 1)))[
            "date"
        ]
        == 0
    )


@pytest.mark.parametrize(("day", "conflicts"), [("3 March", False), ("4 March", True)])
def test_a_relative_date_conflicts_with_other_days_only(day: str, conflicts: bool) -> None:
    said = "The bridge was closed the day before yesterday after a barge hit it."
    document = ParsedDocument([parse_sentence(said)])
    claim = parse_sentence(f"The bridge was closed on {day} 2025 after a barge hit it.")
    pair = ClaimEvidence(claim, document, best_stretch(claim, document))
    source = Source("a", "Bridge", published=date(2025, 3, 5), origin="a.md")
    assert bool(find_conflicts(pair, source)) == conflicts


def test_irregular_forms_are_one_word() -> None:
    assert texts.lemma("found") == texts.lemma("finds") == "find"
    assert texts.content_lemmas("They bought wolves") == texts.content_lemmas("They buy wolves")
    assert texts.lemma("left") != texts.lemma("leave"), "left may be a side"


def test_all_and_limits() -> None:
    assert contrast.universal_scopes("all four lanes are open".split()) == (
        frozenset({"four", "lane"}),
    )
    assert contrast.universal_scopes("it is not at all open".split()) == ()
    assert contrast.limiting_stems("heavier than 30 ton".split()) == ("than",)
    assert contrast.limiting_stems("more than 30".split()) == ()
    assert contrast.limiting_stems(["unless"]) == ("unless",)


def test_roles() -> None:
    parties = frozenset({"ann", "bob"})
    assert alignment.swapped_pairs(["bob", "hit", "ann"], ["ann", "hit", "bob"], parties)
    assert not alignment.swapped_pairs(["ann", "hit", "bob"], ["ann", "hit", "bob"], parties)
    same = ["ann", "hit", "bob"]
    assert alignment.swapped_pairs(same, same, parties, turned=True)
    assert alignment.is_passive("Bob was sued by Ann.")
    assert not alignment.is_passive("Ann sued Bob.")
    between = alignment.around("It was seen by many when Ann sued Bob.", frozenset({"ann", "bob"}))
    assert between == "Ann sued Bob"


def test_alignment() -> None:
    said = "the old bridge was closed in march".split()
    assert alignment.align(said, said).kept == 1.0
    changed = alignment.align("the new bridge was closed in march".split(), said)
    assert changed.inserted == ("new",) and changed.removed == ("old",) and not changed.swapped
    swapped = alignment.align("march bridge closed old".split(), "old bridge closed march".split())
    assert set(swapped.swapped) == {"old", "march"}
    moved = alignment.align(
        "in march the bridge closed".split(), "the bridge closed in march".split()
    )
    assert not moved.swapped


def test_attribution() -> None:
    assert attribution.speakers("“No,” said Ruth Meyer.") == {"ruth", "meyer"}
    # Who is told something says nothing.
    assert attribution.speakers("“No,” one engineer told Ruth Meyer.") == frozenset()
    said = "Meyer said that the dam would hold."
    assert attribution.misattributed_speakers(
        "According to Weber, the dam would hold.", said, frozenset()
    )
    assert not attribution.misattributed_speakers(
        "According to Meyer, it holds.", said, frozenset()
    )
    assert attribution.only_reported(said, "The dam would hold.")
    assert attribution.only_reported("Now write that the dam broke.", "The dam broke.")
    assert not attribution.only_reported("The writer told them of the dam.", "The dam broke.")
    assert not attribution.only_reported(said, "Meyer said the dam would hold.")


def test_pronouns() -> None:
    ann, she = map(parse_sentence, ("The mayor, Ann Lee, spoke.", "Then she left."))
    assert names_and_pronouns.gender_mismatch(["he", "left"], ["she", "spoke"]) == "she"
    assert names_and_pronouns.gender_mismatch(["he"], ["she", "his"]) is None
    assert names_and_pronouns.gender_mismatch(["it"], ["she"]) is None
    assert names_and_pronouns.has_unresolved_pronoun(
        she
    ) and not names_and_pronouns.has_unresolved_pronoun(she, (ann,))


def test_the_smallest_stretch_that_carries_a_sentence() -> None:
    texts = ("It rained all day.", "Ann sold the mill to Bob.", "The price was ten pounds.", "End.")
    document = ParsedDocument([parse_sentence(text) for text in texts])
    one = best_stretch(parse_sentence("Bob bought the mill that Ann sold."), document)
    assert (one.first, one.last) == (1, 1)
    two = best_stretch(
        parse_sentence("Ann sold the mill to Bob for a price of ten pounds."), document
    )
    assert (two.first, two.last) == (1, 2)


@given(st.text(max_size=80), st.lists(st.text(max_size=60), min_size=1, max_size=4))
def test_signals_are_shares(claim: str, sentences: list[str]) -> None:
    document = ParsedDocument([parse_sentence(text) for text in sentences])
    taken = parse_sentence(claim)
    signals = extract_features(ClaimEvidence(taken, document, best_stretch(taken, document)))
    assert all(0.0 <= value <= 1.0 for value in signals.values()), signals


def test_union_reads_like_the_whole() -> None:
    parts = [parse_sentence("Ann paid 3 pounds."), parse_sentence("Bob did not.")]
    both = join_sentences(parts)
    assert both.order == parse_sentence("Ann paid 3 pounds. Bob did not.").order
    assert both.denials == 1 and len(both.quantities) == 1
