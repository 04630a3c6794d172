"""What code sees in a sentence overrules the reader, and what code sees elsewhere does not."""

from __future__ import annotations

import pytest

from rag.types import Article, Evidence, Passage
from rag.verification import verify
from scripted_reader import Sure, checked

EDITED = (
    "The council of Esk may close the ferry in March, some of the crew were told. Nobody on the "
    "quay would say so. The harbour office did not answer a letter about the tolls."
)


@pytest.mark.parametrize(
    ("claim", "verdict"),
    [
        ("The council of Esk may close the ferry in March, the crew were told.", "supported"),
        (
            "The council of Esk will close the ferry in March, some of the crew were told.",
            "unconfirmed",
        ),
        (
            "The council of Esk may close the ferry in March, all of the crew were told.",
            "unconfirmed",
        ),
        (
            "The crew of Esk may close the ferry in March, some of the council were told.",
            "unconfirmed",
        ),
        ("The harbour office did answer a letter about the tolls.", "unconfirmed"),
    ],
)
def test_a_small_change_to_an_articles_sentence_is_seen_by_code(claim: str, verdict: str) -> None:
    assert checked(claim, Sure(0.9, 0.05), EDITED).verdict == verdict


@pytest.mark.parametrize(("articles", "verdict"), [(1, "unconfirmed"), (2, "supported")])
def test_an_article_that_says_it_with_a_change_supports_it_nowhere_else(
    articles: int, verdict: str
) -> None:
    hedged = "The council may close the old ferry of Esk next spring."
    loose = "Esk will lose its ferry in March."
    text = f"{hedged} {'Gulls cried over the quay all day. ' * 30}{loose}"
    whole = Article.build(text, title="Ferry", origin="o", publisher="Esk Times")
    other = Article.build(loose, title="Ferry", origin="p", publisher="Quay Post")
    start = text.index(loose)
    parts = [(whole, 0, hedged)]
    parts.append((whole, start, loose) if articles == 1 else (other, 0, loose))
    evidence = tuple(
        Evidence(
            Passage(article.id, begin, begin + len(said), said), article.source, rank, 1, ("dense",)
        )
        for rank, (article, begin, said) in enumerate(parts, start=1)
    )
    reader = Sure(0.9, 0.05)
    claim = hedged.replace("may", "will")
    (sentence,) = verify(claim, evidence, None, lambda: reader)  # type: ignore[arg-type, return-value]
    assert len(reader.seen) >= 2, "both places are read"
    assert sentence.verdict == verdict


@pytest.mark.parametrize(
    ("said", "verdict"),
    [
        ("An Open Harbour", "no_claim"),
        ("The crew sleeps ashore", "no_claim"),
        ("Boats lie in the old harbour", "supported"),
        ("Boats lie in the old harbour.", "supported"),
    ],
)
def test_an_articles_heading_claims_nothing(said: str, verdict: str) -> None:
    text = (
        "An Open Harbour\nBoats lie in the old harbour. It has no lock.\n"
        "The crew sleeps ashore\nNobody stays on board."
    )
    for reader in (None, Sure(0.9)):
        assert checked(said, reader, text).verdict == verdict


DENIES = (
    "Although the council did not raise the toll, the old ferry of Esk will sail from the north "
    "quay on Sundays. Nora Flint of the harbour office will oversee it. "
)


@pytest.mark.parametrize(("supported", "verdict"), [(0.45, "unconfirmed"), (0.55, "supported")])
def test_what_a_sentence_denies_elsewhere_vetoes_only_an_unsure_reader(
    supported: float, verdict: str
) -> None:
    claim = "The old ferry of Esk will sail from the north quay on Sundays."
    found = checked(f"{claim} [1]", Sure(supported, 0.9 - supported), DENIES)
    assert found.verdict == verdict
    assert checked(f"{claim} [1]", None, DENIES).verdict != "supported"


def test_what_a_sentence_denies_elsewhere_is_no_opposite() -> None:
    text = (
        "The works of Esk dismissed foreman Ada Quill for two weeks in March, and although she had "
        "hoped to stay, the crew will be without their foreman."
    )
    claim = f"{text.partition(', and')[0]}, and she had hoped to stay."
    for reader in (None, Sure(0.3, 0.6)):
        assert checked(claim, reader, text).verdict != "contradicted"
        assert checked(claim.replace("had", "had not"), reader, text).verdict == "contradicted"


def test_a_full_name_of_the_article_is_known_where_a_part_of_it_is_cited() -> None:
    filler = "The weather was fine that week. " * 6
    text = f"{DENIES}{filler}Flint said that the sailings would pay for a new jetty."
    claim = "Nora Flint said that the sailings would pay for another jetty. [1]"
    assert checked(claim, Sure(0.9), text).verdict == "supported"
    assert checked(claim.replace("Nora", "Bea"), Sure(0.9), text).verdict != "supported"


def test_a_full_name_is_read_as_the_sentences_nearby_have_it() -> None:
    filler = "The weather was fine that week. " * 6
    text = f"{DENIES}{filler}It was Flint who paid for the jetty with her own money."
    claim = "Nora Flint paid for the jetty with her own money."
    reader = Sure(0.9)
    assert checked(claim, reader, text).verdict == "supported"
    assert reader.seen[0][1] == "Flint paid for the jetty with her own money."
    # Another Flint may be the one who paid.
    for reader, other in ((Sure(0.9), "Bea"), (Sure(0.9), "Nora")):
        two = text.replace("The weather", f"The engineer {other} Flint came. The weather", 1)
        found = checked(claim, reader, two)
        assert (reader.seen[0][1] == claim) == (other == "Bea")
        assert (found.verdict == "supported") == (other == "Nora")


MILLS = (
    "Reports put the flow of the mill at Birch at 340 litres a minute, which the council calls "
    "little. It was built by Petra Olsen."
)


@pytest.mark.parametrize(
    ("claim", "verdict"),
    [
        ("The mill at Birch has a flow of 340 litres a minute.", "supported"),
        # Esk is known, as a name of the publisher, but it is not Esk's mill.
        ("The mill at Esk has a flow of 340 litres a minute.", "unconfirmed"),
        # "It" may be about a name that was said before.
        ("The mill at Esk was built by Petra Olsen.", "supported"),
    ],
)
def test_what_is_said_of_somebody_else_is_not_supported(claim: str, verdict: str) -> None:
    assert checked(claim, Sure(0.95), MILLS).verdict == verdict


REPORTED = "Officials said that the bridge of Esk would cost nine million euros to build."


def test_what_is_only_reported_is_supported_where_the_sentence_reports_it_too() -> None:
    claim = "the bridge of Esk would cost nine million euros to build."
    assert checked(claim.capitalize(), Sure(0.9), REPORTED).verdict == "unconfirmed"
    assert checked(f"Reports say that {claim}", Sure(0.9), REPORTED).verdict == "supported"
    assert checked(f"In summary, {claim}", Sure(0.9), REPORTED).verdict == "unconfirmed"


SEASONS = (
    "Flint joined the Esk works and left them within two seasons when the owners closed the mill "
    "late in the 2019 season. The works lost two million in the three-month period to May, "
    "compared with one million a year earlier."
)


@pytest.mark.parametrize(
    ("claim", "verdict"),
    [
        # The year that the article has is in the sentence, too, and stands for something else.
        (
            "Flint joined the Esk works in 2016 and left them when the owners closed the mill late "
            "in the 2019 season.",
            "unconfirmed",
        ),
        (
            "Flint joined the Esk works and left them when the owners closed the mill late in the "
            "2014 season.",
            "contradicted",
        ),
        (
            "The works lost two million in the three months to May, compared with one million a "
            "year earlier.",
            "supported",
        ),
        (
            "The works lost two million in the three-week period to May, compared with one million "
            "a year earlier.",
            "contradicted",
        ),
        (
            "The works lost five million in the three-month period to May, compared with one "
            "million a year earlier.",
            "contradicted",
        ),
    ],
)
def test_an_article_says_otherwise_only_where_something_takes_the_place(
    claim: str, verdict: str
) -> None:
    assert checked(claim, Sure(0.1, 0.85), SEASONS).verdict == verdict


def test_a_span_of_time_that_the_sentence_has_too_takes_no_place() -> None:
    text = "Sales of the mill fell in the quarter to May, compared with a year earlier."
    claim = "Sales of the mill fell in the months to May, compared with a year earlier."
    assert checked(claim, Sure(0.1, 0.85), text).verdict == "unconfirmed"
    claim = claim.replace("a year earlier", "last May")
    assert checked(claim, Sure(0.1, 0.85), text).verdict == "contradicted"


def test_from_one_value_to_another_is_not_the_way_back() -> None:
    text = "Over two winters the council raised the toll of the old ferry from 30 to 45 crowns."
    back = "Over two winters the council took the toll of the old ferry from 45 to 30 crowns."
    assert checked(back.replace("45 to 30", "30 to 45"), Sure(0.9), text).verdict == "supported"
    assert checked(back, Sure(0.9), text).verdict == "unconfirmed"
    assert checked(back, Sure(0.3, 0.6), text).verdict == "contradicted"


def test_a_time_is_as_long_as_its_unit() -> None:
    text = "After days of calm, the old ferry of Esk needed nine hours for the crossing to Birch."
    claim = "The old ferry of Esk needed nine days for the crossing to Birch."
    assert checked(claim, Sure(0.9), text).verdict != "supported"
    assert checked(claim.replace("days", "hours"), Sure(0.9), text).verdict == "supported"


def test_a_quotation_belongs_to_who_said_it() -> None:
    text = (
        "Nora Flint of the harbour office asked for more boats. The toll had to fall, Ada Quill "
        "told the council. “A ferry that nobody can pay for is no ferry at all,” Quill said."
    )
    quote = "“A ferry that nobody can pay for is no ferry at all,”"
    near = f"{quote} said Flint about the toll."
    far = f"{quote} said Flint of the fares that pensioners and schools are charged."
    for claim in (near, far):
        assert checked(claim, Sure(0.9), text).verdict != "supported"
        assert checked(claim.replace("Flint", "Quill"), Sure(0.9), text).verdict == "supported"


def test_a_dropped_hedge_makes_no_clean_edit() -> None:
    told = "The council of Esk closed the old ferry in March after accidents."
    claim = f"And so the {told[4:]}"
    assert checked(claim, Sure(0.1, 0.85), told).verdict == "supported"
    hedged = f"Perhaps the {told[4:]}"
    assert checked(claim, Sure(0.1, 0.85), hedged).verdict == "unconfirmed"
