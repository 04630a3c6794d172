"""The seeds: complete front matter, our own words, and everything that the originals say."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

SEEDS = Path(__file__).resolve().parent.parent / "seeds"

# Words of each original's prose, split at white space, without title and page furniture.
ORIGINALS = {
    "000_c940c5532f0dfa79.txt": 740,
    "001_3d500969f54d72ad.txt": 637,
    "002_3612d7665b8e80c3.txt": 492,
    "003_ff76e13e847453a9.txt": 445,
    "004_ef12cbd9ce353760.txt": 740,
}

FRONT_MATTER = {
    "000": {"title", "origin"},
    "001": {"title", "origin", "publisher", "author", "url"},
    "002": {"title", "origin"},
    "003": {"title", "origin", "url"},
    "004": {"title", "origin", "url"},
}

# What must not slip away, in the words of the retelling.
MUST_SAY = {
    "000": """Sam Altman | CEO of OpenAI | “on the wrong side of history.” | Reddit |
        “Ask Me Anything” | China | DeepSeek | R1 | on par with | lower cost | shockwaves |
        Nvidia’s stock | historic size | Elon Musk | lawsuit | previous allies |
        Not everybody within OpenAI | GPU resources | optimized algorithms |
        servers in mainland China | Several U.S. entities | NASA | crossroads |
        benefit humanity | litmus test | democratized | Yann LeCun |
        chief AI scientist at Meta | renaissance | artificial general intelligence |
        philosophical""",
    "001": """pressure on one another | AI Daily Brief | Nathaniel Whittemore | about a week ago |
        Last week Sam Altman | first open source model since GPT2 | $40 billion |
        $300 billion evaluation | DeepSeek | One week before Sam Altman’s announcement | R1 |
        reinforcement learning | a safety standpoint or for some other reason |
        there’s been an evolution on this more recently | on their own hardware | excited |
        training optimizations | “nationwide technology transfer” | help other countries |
        “the country of the great firewall,” | “focused on winning” |
        “new AI Belt and Road system” | “open source modernization.” | Sharon Goldman |
        “rivals are closing in” | domestically | Studio Ghibli | Disney | “Ghiblification” |
        everyone and their uncle | “more than just money.” | $500 billion |
        private investors | supercomputer | new data centers | Softbank | gradually |
        two facilities in Abilene, Texas | media coverage | democratization""",
    "002": """DeepSeek, a Chinese tech firm | R1 | outputs of OpenAI’s own models |
        intellectual property | model distillation | less computational power | GPT-4 |
        1.8 trillion parameters | 1.5 billion | inadvertently | covert operation |
        unfair advantage | Microsoft | application programming interface |
        certain accounts were subsequently blocked | DeepSeek-R1 | GitHub | Hugging Face |
        frontier models | mistrust | dangerous precedent | Sam Altman, OpenAI’s CEO | praise |
        ethical guidelines | transparency""",
    "003": """Facebook’s parent | four days | ChatGPT | ousted Sam Altman | co-founder |
        demoted Greg Brockman | resigned | mutiny | Microsoft | internal AI unit |
        no formal agreements had been finalized | Rumor | Mark Surman |
        executive director of the Mozilla Foundation | GPT-X | open letter | Yann LeCun |
        numerous industry figures | more regulation | regulatory capture | Hugging Face |
        accelerator | over-reliance | cloud computing | beneficiary |
        leaked internal memo from Google | protective barrier | scalable | Llama-branded |
        usage restrictions | few individuals""",
    "004": """Cold War | DeepSeek, MiniMax | open-weight models | biases |
        Mixture-of-Experts architecture | technical documentation | weights | replicate |
        delayed its releases | safety concerns | what support a community gives | bug fixes |
        xAI and Meta | monetization | siloed | high-quality data | talented teams |
        financial resources | hybrid models | proprietary | Safety reviews |
        trillions of dollars | Shared resources | intellectual property | potential for bias |
        nobody knows yet | ethical considerations | are Chinese |
        regulations, funding and policies | interpretability | newsletters""",
}


def seed_files() -> list[Path]:
    return sorted(SEEDS.glob("[0-9]*.md"))


def read(path: Path) -> tuple[dict[str, str], str]:
    _, front, body = path.read_text(encoding="utf-8").split("---\n", 2)
    return yaml.safe_load(front), body


def plain_words(text: str) -> list[str]:
    return re.findall(r"[a-z0-9]+", text.lower())


def runs(text: str, length: int) -> Iterator[tuple[str, ...]]:
    found = plain_words(text)
    return (tuple(found[i : i + length]) for i in range(len(found) - length + 1))


def without_quotations(text: str) -> Iterator[str]:
    """The stretches of a text that do not stand between curly quotation marks."""
    return (piece for piece in re.split(r"“[^“”]*”", text))


def by_number(path: Path) -> str:
    return path.name[:3]


def test_there_are_five_and_each_names_its_original() -> None:
    origins = [read(path)[0]["origin"] for path in seed_files()]
    assert origins == list(ORIGINALS)


@pytest.mark.parametrize("path", seed_files(), ids=by_number)
def test_the_front_matter_says_what_the_original_says(path: Path) -> None:
    front, _ = read(path)
    assert set(front) == FRONT_MATTER[by_number(path)]
    assert all(isinstance(value, str) and value.strip() for value in front.values())


def test_the_known_addresses_and_names() -> None:
    fronts = [read(path)[0] for path in seed_files()]
    assert [front.get("url") for front in fronts] == [
        None,
        "https://nnuforum.com/?p=14638",
        None,
        "https://thestartupscoup.com/?p=35103",
        "https://www.newsy-today.com/chinas-open-models-outperform-gpu-dominated-systems/",
    ]
    assert (fronts[1]["author"], fronts[1]["publisher"]) == ("John Werner", "Forbes")


@pytest.mark.parametrize("path", seed_files(), ids=by_number)
def test_it_says_everything(path: Path) -> None:
    _, body = read(path)
    facts = [" ".join(fact.split()) for fact in MUST_SAY[by_number(path)].split("|")]
    assert len(facts) >= 12
    assert [fact for fact in facts if fact not in body] == []


@pytest.mark.parametrize("path", seed_files(), ids=by_number)
def test_it_is_as_long_as_the_original(path: Path) -> None:
    front, body = read(path)
    words = sum(1 for word in body.split() if re.search(r"\w", word))
    assert 0.9 <= words / ORIGINALS[front["origin"]] <= 1.1


def test_the_faq_has_nine_questions_each_with_an_answer() -> None:
    _, body = read(seed_files()[4])
    faq = body.split("## FAQ")[1]
    assert re.findall(r"(?m)^(?:\*\*)?([QA]):", faq) == ["Q", "A"] * 9


def test_no_page_furniture_came_along() -> None:
    text = "\n".join(path.read_text(encoding="utf-8") for path in seed_files()).lower()
    for furniture in ("you may like", "leave a reply", "email address", "views:", "stellantis"):
        assert furniture not in text


def test_nine_words_in_a_row_are_shared_only_within_a_quotation(shared: Path) -> None:
    originals = [(shared / "seeds" / name).read_text(encoding="utf-8") for name in ORIGINALS]
    theirs = {run for original in originals for run in runs(original, 9)}
    for path in seed_files():
        ours = without_quotations(path.read_text(encoding="utf-8"))
        assert [" ".join(run) for piece in ours for run in runs(piece, 9) if run in theirs] == []


def test_quotations_are_the_original_s_own_words(shared: Path) -> None:
    for path in seed_files():
        front, body = read(path)
        original = (shared / "seeds" / front["origin"]).read_text(encoding="utf-8")
        words = " ".join(plain_words(original))
        for quotation in re.findall(r"“([^“”]*)”", body):
            assert " ".join(plain_words(quotation)) in words, quotation
