"""Questions to start with, made from what the library holds."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from rag import ArticleSummary

MAX_EXAMPLES = 4
# Titles looked at; the newest libraries' names do not need more.
TITLES_READ = 400

# Questions that fit the articles shipped with the project; each is offered only if the library
# holds an article whose title has all of the words beside it.
KNOWN: tuple[tuple[str, str], ...] = (
    ("arms race open source", "What are the benefits of open source AI?"),
    ("altman misjudged", "Why was DeepSeek’s R1 a shock to the markets?"),
    ("openai deepseek battle", "What does OpenAI accuse DeepSeek of?"),
    ("fiasco meta", "What happened to Sam Altman and Greg Brockman?"),
    ("stargate", "What is Project Stargate?"),
)

# Two or more capitalised words, one in capitals, or one with a capital inside: likely a name.
NAME = re.compile(
    r"\b[A-Z][\w’'&-]+(?:\s+[A-Z][\w’'&-]+)+|\b[A-Z]{2,}[\w-]*\b|\b[A-Z][a-z]+[A-Z]\w*"
)
LONGEST_EXAMPLE = 90


def example_questions(articles: Sequence[ArticleSummary]) -> tuple[str, ...]:
    """At most four questions that the articles should have something to say to.

    Known ones where they fit; then titles that are questions; then the names that titles repeat.
    """
    titles = [item.source.title for item in articles[:TITLES_READ]]
    folded = [re.sub(r"[^\w\s]", " ", title.casefold()) for title in titles]
    found = [
        question
        for words, question in KNOWN
        if any(all(word in title.split() for word in words.split()) for title in folded)
    ]
    found += [t for t in titles if t.rstrip().endswith("?") and len(t) <= LONGEST_EXAMPLE]
    if len(found) < MAX_EXAMPLES:
        found += [f"What is reported about {name}?" for name in frequent_names(titles)]
    return tuple(dict.fromkeys(found))[:MAX_EXAMPLES]


def frequent_names(titles: Sequence[str]) -> list[str]:
    """Names in titles, those that most titles share first.

    A title in which nearly every word is capitalised says nothing about names and is left out,
    except for words in capitals or with a capital inside.
    """
    counts: Counter[str] = Counter()
    for title in titles:
        words = title.split()
        shouting = sum(word[0].isupper() for word in words) > len(words) * 0.6
        names = {match.group() for match in NAME.finditer(title)}
        if shouting:
            names = {name for name in names if " " not in name}
        counts.update(name for name in names if len(name) <= 40)
    return [name for name, _ in counts.most_common(MAX_EXAMPLES * 2)]
