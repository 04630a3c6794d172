"""Made articles and answers, and a parsed view of the HTML that pages consist of."""

from __future__ import annotations

from html.parser import HTMLParser

from rag import Answer, Article, BackendInfo, Citation, Evidence, Passage, Sentence, Trace

TEXT = (
    "Harbour reopens\n\nThe harbour of Esk reopened on Monday. Boats left at dawn.\n\n"
    "What comes next\n\nThe council wants a second pier. It costs 4 million."
)
VOID = frozenset({"meta", "link", "br", "hr", "img", "input"})
# Every element that the page makes on purpose.


class Outline(HTMLParser):
    """Elements, attributes and text of a page, as a parser and not as a pattern sees them."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.marked = ""
        self._open: list[str] = []
        # A plain string, because slices of markup would be escaped again.
        self.feed(str(html))
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag, f"</{tag}> closes nothing"

    def handle_data(self, data: str) -> None:
        self.texts.append(data)
        if "mark" in self._open:
            self.marked += data

    @property
    def skeleton(self) -> list[tuple[str, tuple[str, ...]]]:
        """Elements with the names of their attributes."""
        return [(tag, tuple(attributes)) for tag, attributes in self.elements]

    def addresses(self) -> list[str]:
        return [a["href"] or "" for tag, a in self.elements if tag == "a" and "href" in a]


def article(text: str = TEXT, **known: object) -> Article:
    fields = {"title": "Harbour reopens", "origin": "esk.md", "publisher": "Esk Times"} | known
    return Article.build(text, **fields)  # type: ignore[arg-type]


def answer(source: Article, *, question: str = "When?", verdict: str = "supported") -> Answer:
    """An answer that cites the second paragraph of ``source``, or all of a short one."""
    start = source.text.find("The harbour") if "The harbour" in source.text else 0
    end = min(len(source.text), start + 38)
    quote = source.text[start:end]
    evidence = Evidence(
        Passage(source.id, 0, len(source.text), source.text), source.source, 1, 0.5, ("dense",)
    )
    sentence = Sentence(quote, (Citation(source.id, start, end, quote),), verdict, 0.9, quote)  # type: ignore[arg-type]
    return Answer(
        question,
        (sentence,),
        (evidence,),
        BackendInfo("extractive"),
        False,
        True,
        Trace({"total": 0.02}),
    )
