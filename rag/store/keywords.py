"""Keyword search over a library: BM25 over the stems of words, in Tantivy.

Derived: it can be rebuilt from the catalog.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import tantivy
from tantivy import Filter, Occur, Query, TextAnalyzerBuilder, Tokenizer

from rag import text as texts
from rag.store.disk_errors import translated
from rag.store.records import Hit, Row
from rag.text import STOP_WORDS, fold, language_of
from rag.types import Source

# In characters; longer runs of letters are not words.
LONGEST_TERM = 40
ENGLISH = (
    TextAnalyzerBuilder(Tokenizer.simple())
    .filter(Filter.remove_long(LONGEST_TERM))
    .filter(Filter.lowercase())
    .filter(Filter.ascii_fold())
    .filter(Filter.stemmer("english"))
    .build()
)
# From this length on a word may be misspelt, by one letter; from the second on, by two. Shorter
# words are too near to others: "claude" and "cloud".
MISSPELT, MISSPELT_TWICE = 6, 8


def index_terms(text: str, language: str) -> list[str]:
    """The terms of a text: English stems and, where they differ, those of its own language.

    Scripts without spaces give pairs of characters, names that look like function words (US, May)
    their written form as well.
    """
    terms = [
        *ENGLISH.analyze(texts.UNSPACED_RUN.sub(" ", text)),
        *texts.names_like_stop_words(text),
    ]
    if language == "english" and text.isascii():
        return terms
    known = set(terms)
    for word in _parts(text):
        if texts.UNSPACED_RUN.search(word):
            terms += texts.unspaced_terms(word)
        else:
            terms += _own_stems(word, (language,)) - known
    return terms


def question_terms(question: str, languages: Sequence[str]) -> dict[tuple[str, ...], str]:
    """The words of a question by the terms that each may have in the index.

    Args:
        question: Plain words.
        languages: Those of the library's passages.
    """
    found: dict[tuple[str, ...], str] = {}
    for word in dict.fromkeys(_parts(question)):
        if texts.UNSPACED_RUN.search(word):
            found.update(((pair,), "") for pair in texts.unspaced_terms(word))
            continue
        own = _own_stems(word, languages)
        terms = dict.fromkeys((*ENGLISH.analyze(word), *sorted(own)))
        found[tuple(terms)] = word
    found.update(((name,), "") for name in texts.names_like_stop_words(question))
    return {terms: word for terms, word in found.items() if terms}


def misspelt(word: str) -> int:
    """In how many letters a word that is in no article may be misspelt."""
    if not word.isalpha() or len(word) < MISSPELT:
        return 0
    return 1 if len(word) < MISSPELT_TWICE else 2


def _parts(text: str) -> Iterator[str]:
    """Runs of letters and digits."""
    return (match.group() for match in texts.WORD_PART.finditer(text))


def _own_stems(word: str, languages: Sequence[str]) -> set[str]:
    """A word's stems in some languages, and in that of its script."""
    lowered = word.lower()
    stems = {texts.stem(lowered, language) for language in languages if language != "english"}
    if not lowered.isascii():
        stems |= {texts.stem(lowered), texts.fold(lowered)}
    return {stem for stem in stems if stem and len(stem) <= LONGEST_TERM}


FOLDER = "keywords"
# Changes when terms are made differently: an index with another name is rebuilt.
ANALYZER = "footnote_terms_2"

# Tantivy's smallest memory budget for one writer thread, in bytes.
WRITER_MEMORY = 15_000_000

# How many of a question's words are searched, the rarest first.
MOST_TERMS = 64

# Tantivy's BM25 constant: how much a repeated word adds.
K1 = 1.2

# What a word that is nearly the question's scores, over a word in one passage.
NEARLY = 0.5


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    for name in ("passage_id", "article_id", "language"):
        builder.add_text_field(name, stored=True, tokenizer_name="raw", index_option="basic")
    builder.add_text_field("body", stored=False, tokenizer_name=ANALYZER, index_option="freq")
    return builder.build()


class Keywords:
    """An open keyword index. A passage is found by its words and its article's metadata."""

    def __init__(self, library_folder: Path) -> None:
        """Opens the index, or makes an empty one.

        Raises:
            LibraryFull: The folder cannot be written.
            IndexUnusable: Tantivy cannot open the folder.
        """
        self.folder = library_folder
        self._writer: tantivy.IndexWriter | None = None
        self._schema = _schema()
        with translated(library_folder):
            (library_folder / FOLDER).mkdir(exist_ok=True)
            self._index = tantivy.Index(self._schema, path=str(library_folder / FOLDER))
            # The text of a row is its terms, made by `index_terms`.
            spaced = TextAnalyzerBuilder(Tokenizer.whitespace()).build()
            self._index.register_tokenizer(ANALYZER, spaced)
            self._languages = self._terms("language")

    def close(self) -> None:
        if self._writer is not None:
            writer, self._writer = self._writer, None
            with translated(self.folder):
                writer.wait_merging_threads()

    def ids(self) -> frozenset[str]:
        """Ids of all rows."""
        with translated(self.folder):
            return self._terms("passage_id")

    def _terms(self, field: str) -> frozenset[str]:
        # Excludes deleted rows, whose terms remain until segments are merged.
        terms = self._index.searcher().terms_with_prefix(field, "", Query.all_query())
        return frozenset(term for term, _ in terms)

    def count(self) -> int:
        """Number of rows; more than ids if some are duplicated."""
        with translated(self.folder):
            return int(self._index.searcher().num_docs)

    def add(self, rows: Sequence[Row]) -> None:
        """Stores passages in one commit; a known id is overwritten."""
        with translated(self.folder):
            writer = self._open_writer()
            for row in rows:
                passage, language = row.passage, language_of(row.passage.text)
                terms = index_terms(f"{heading(row.source)}\n{passage.text}", language)
                writer.delete_documents_by_term("passage_id", passage.id)
                writer.add_document(
                    tantivy.Document(
                        passage_id=passage.id,
                        article_id=passage.article_id,
                        language=language,
                        body=" ".join(terms),
                    )
                )
            self._commit(writer)

    def delete(self, passage_ids: Sequence[str]) -> None:
        """Deletes passages in one commit; unknown ids are ignored."""
        with translated(self.folder):
            writer = self._open_writer()
            for passage_id in passage_ids:
                writer.delete_documents_by_term("passage_id", passage_id)
            self._commit(writer)

    def _open_writer(self) -> tantivy.IndexWriter:
        if self._writer is None:
            self._writer = self._index.writer(WRITER_MEMORY, 1)
        return self._writer

    def _commit(self, writer: tantivy.IndexWriter) -> None:
        writer.commit()
        self._index.reload()
        self._languages = self._terms("language")

    def search(self, question: str, k: int, allowed: frozenset[str] | None) -> tuple[Hit, ...]:
        """The ``k`` best passages of the allowed articles by BM25, best first.

        The question is plain words: it has no operators and cannot be invalid.
        """
        with translated(self.folder):
            searcher = self._index.searcher()
            query = self._words(searcher, question)
            if query is None or not searcher.num_docs:
                return ()
            if allowed is not None:
                among = Query.term_set_query(self._schema, "article_id", sorted(allowed))
                filtered = Query.const_score_query(among, 0.0)
                query = Query.boolean_query([(Occur.Must, query), (Occur.Must, filtered)])
            found = searcher.search(query, k, count=False).hits
            hits = [Hit(str(searcher.doc(at)["passage_id"][0]), score) for score, at in found]
        return tuple(sorted(hits, key=lambda hit: (-hit.score, hit.passage_id)))

    def ceiling(self, question: str) -> float:
        """The highest score that a passage with all words of the question could have; 0 if none.

        Words that are in no passage count as the rarest ones.
        """
        with translated(self.folder):
            searcher = self._index.searcher()
            total = searcher.num_docs
            words = question_terms(question, sorted(self._languages))
            counts = (
                max(searcher.doc_freq("body", term) for term in terms)
                for terms in words
                if STOP_WORDS.isdisjoint(terms)
            )
            return sum(
                (K1 + 1) * math.log(1 + (total - n + 0.5) / (n + 0.5)) for n in counts if total
            )

    def rarity(self, stems: Iterable[str]) -> Mapping[str, float]:
        """How rare each word is, 0..1: 1 if it is in no passage, near 0 if it is in all.

        Its BM25 weight over that of an unknown word.
        """
        with translated(self.folder):
            searcher = self._index.searcher()
            total = searcher.num_docs
            most = math.log(1 + (total + 0.5) / 0.5)
            found = {}
            for stem in stems:
                terms = (stem, *ENGLISH.analyze(stem))
                n = max((searcher.doc_freq("body", term) for term in terms), default=0)
                found[stem] = math.log(1 + (total - n + 0.5) / (n + 0.5)) / most
            return found

    def _words(self, searcher: tantivy.Searcher, question: str) -> Query | None:
        """The question's words, the rarest first; for an unknown one, those that are nearly it."""
        words = question_terms(question, sorted(self._languages))
        counts = {terms: max(searcher.doc_freq("body", term) for term in terms) for terms in words}
        lost = not any(counts[terms] for terms in words if STOP_WORDS.isdisjoint(terms))
        wanted = []
        for terms in sorted(words, key=lambda terms: counts[terms])[:MOST_TERMS]:
            either = [
                Query.term_query(self._schema, "body", term, index_option="freq")
                for term in terms
                if searcher.doc_freq("body", term)
            ]
            if not either and (lost or words[terms][:1].isupper()):
                either = self._nearly(words[terms], searcher.num_docs)
            if either:
                wanted.append((Occur.Should, _best_of(either)))
        return Query.boolean_query(wanted) if wanted else None

    def _nearly(self, word: str, total: int) -> list[Query]:
        """Terms that differ in a letter or two from a word that is in no passage.

        Only names and questions of which no word is known are searched so: other words have too
        many neighbours.
        """
        if not (letters := misspelt(word)):
            return []
        near = Query.fuzzy_term_query(self._schema, "body", fold(word.lower()), distance=letters)
        return [Query.boost_query(near, NEARLY * math.log(1 + (total + 0.5) / 1.5))]


def _best_of(either: list[Query]) -> Query:
    """One word, however many of its forms a passage has."""
    return either[0] if len(either) == 1 else Query.disjunction_max_query(either)


def heading(source: Source) -> str:
    """An article's metadata, in words that a question may use.

    Indexed before each passage's text, it raised Hits@10 of BM25 on news questions from .872 to
    .909.
    """
    day = source.published
    dates = (day.isoformat(), f"{day:%B}") if day else ()
    return " ".join(
        part for part in (source.title, source.publisher, *dates, source.author) if part
    )
