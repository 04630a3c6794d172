"""Two articles disagree only about one attribute of one thing at one time."""

from __future__ import annotations

import pytest

from articles import evidence_of
from rag.types import Article
from rules_alone import verify_by_rules

APART = [
    ("Stall number 6 sold 26 cheeses.", "Stall number 7 sold 27 cheeses."),
    ("Shed 4 holds 30 boats.", "Shed 7 holds 12 boats."),
    ("The goods platform 9 serves 40 trains.", "The goods platform 4 serves 25 trains."),
    ("The car park 3 holds 200 cars.", "The car park 5 holds 450 cars."),
    ("The Who came to Esk in 1972.", "The WHO came to Esk in 1974."),
    ("The Elm mill pumps 3 litres.", "The Oak mill pumps 4 litres."),
    ("The north pier is 210 metres long.", "The south pier is 340 metres long."),
    ("The red room was painted in 1911.", "The blue room was painted in 1934."),
    ("The first bridge cost 2 million crowns.", "The second bridge cost 7 million crowns."),
    ("The museum's budget was 4 million euros.", "The theatre's budget was 9 million euros."),
    ("The farm sold 300 sheep.", "The farm bought 120 sheep."),
    ("The ferry takes 40 minutes in the morning.", "The ferry takes 55 minutes in the evening."),
    ("Before the fire Esk had 900 houses.", "After the fire Esk had 350 houses."),
    ("In 2010 Esk had 400 boats.", "In 2020 Esk had 300 boats."),
    ("In March the dam released 300 cubic metres.", "In June the dam released 800 cubic metres."),
    ("On Monday 120 people saw the hall.", "On Sunday 900 people saw the hall."),
    ("The quay is closed to lorries.", "The beach is not closed to lorries."),
    ("Der nördliche Steg ist 210 Meter lang.", "Der südliche Steg ist 340 Meter lang."),
    (
        "The mill on the river Esk grinds 40 tonnes of wheat in a good week, says the miller, who "
        "took it over from his father.",
        "The mill on the river Orr grinds 75 tonnes of wheat in a good week, says the miller, who "
        "took it over from his father.",
    ),
]
OPPOSED = [
    ("In 2010 Esk had 400 boats.", "In 2010 Esk had 300 boats."),
    ("Esk was founded in 1910.", "Esk was founded in 1920."),
    ("The line has 9 stations.", "The line has 11 stations."),
    ("The north pier is 210 metres long.", "The north pier is 340 metres long."),
    ("The storm destroyed 14 houses.", "The storm destroyed 23 houses."),
    ("In 2019 the mine employed 300 workers.", "In 2019 the mine employed 450 workers."),
    ("The mines produce 300 tonnes of salt.", "The mines produce 500 tonnes of salt."),
    ("Shed 4 holds 30 boats.", "Shed 4 holds 12 boats."),
    ("The ferry sank on 4 March 1987.", "The ferry sank on 9 April 1987."),
    ("The council approved the plan.", "The council did not approve the plan."),
    ("Der nördliche Steg ist 210 Meter lang.", "Der nördliche Steg ist 340 Meter lang."),
]


def disagree(claim: str, one: str, other: str) -> bool:
    articles = (
        Article.build(one, title="One", origin="one.txt"),
        Article.build(other, title="Two", origin="two.txt"),
    )
    said = [sentence.text for sentence in verify_by_rules(claim, evidence_of(*articles))]
    return any(text.startswith("The articles disagree") for text in said)


@pytest.mark.parametrize(("one", "other"), APART)
def test_what_is_said_of_another_thing_or_time_is_no_disagreement(one: str, other: str) -> None:
    assert not disagree(one, one, other)
    assert not disagree(other, one, other)


@pytest.mark.parametrize(("one", "other"), OPPOSED)
def test_what_is_said_otherwise_of_the_same_is_a_disagreement(one: str, other: str) -> None:
    assert disagree(one, one, other)
    assert disagree(other, one, other)


def test_one_of_two_statements_may_say_more() -> None:
    fire = "The fire killed 12 people."
    assert disagree(fire, fire, "The great fire killed 19 people in Esk, the police said.")


@pytest.mark.parametrize("claim", ["Elm mill: pumps 3 litres", "It pumps 3 litres."])
def test_what_a_claim_is_about_is_told_by_the_words_that_support_it(claim: str) -> None:
    cited = "The Elm mill pumps 3 litres."
    assert not disagree(claim, cited, "The Oak mill pumps 4 litres.")
    assert disagree(claim, cited, "The Elm mill pumps 4 litres.")
    plain = "The pier is 210 metres long."
    assert not disagree(
        plain, "The old pier is 210 metres long.", "The new pier is 340 metres long."
    )
