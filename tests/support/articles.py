"""Two short articles of our own, and evidence made of them."""

from __future__ import annotations

from datetime import date

from rag.types import Article, Evidence, Passage

BRIDGE = Article.build(
    "Bridge reopens\n\n"
    "The bridge reopened on Monday after repairs that cost $12 million. Mayor Ana Ruiz cut a "
    "ribbon at noon and thanked the 240 workers. “This bridge has carried us for ninety years,” "
    "she said.\n\n"
    "Engineers did not find any damage to the foundations. Traffic may return to normal by "
    "August, according to Torben Holm of the transport office. About 18,000 cars a day crossed "
    "the bridge before it closed in March 2023.\n\n"
    "Northline sued Carver Steel over late deliveries. The company denied that it had broken "
    "the contract. All four lanes are open, but lorries heavier than 30 tons are still banned.",
    title="Bridge reopens after repairs",
    origin="bridge.txt",
    publisher="Morning Herald",
    author="Lena Voss",
    published=date(2024, 6, 4),
)
HARBOUR = Article.build(
    "The harbour of Lindau was dredged in 2019. Fishermen complained that the work had scared "
    "away the perch, and the catch fell by a third. The council plans to plant reeds along the "
    "eastern shore.\n\n"
    "Fewer than 40 boats still fish on the lake, compared with 112 in 1990. Ida Brandt, who "
    "leads the fishermen's union, expects that number to shrink further.",
    title="Lindau's fishermen",
    origin="harbour.txt",
    publisher="Lake Gazette",
    published=date(2023, 11, 20),
)


# Long enough to be told from another story by its runs of words.
AGENCY_STORY = " ".join(
    f"The {noun} of Esk was repaired in {month} by {count} people who were paid {sum} euros."
    for noun, month, count, sum in (
        ("harbour", "January", 12, 400),
        ("orchard", "February", 31, 550),
        ("viaduct", "March", 7, 900),
        ("tannery", "April", 54, 120),
        ("theatre", "June", 22, 640),
        ("granary", "July", 16, 310),
        ("cistern", "August", 41, 280),
        ("belfry", "October", 9, 770),
    )
)


def evidence_of(*articles: Article) -> tuple[Evidence, ...]:
    """Each article as one passage, in order."""
    return tuple(
        Evidence(
            Passage(article.id, 0, len(article.text), article.text),
            article.source,
            rank,
            1.0 / rank,
            ("dense",),
        )
        for rank, article in enumerate(articles, start=1)
    )
