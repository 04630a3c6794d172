"""Embedders that are not in this process get text only where every rule allows it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from llama_index.core import MockEmbedding
from llama_index.core.base.embeddings.base import BaseEmbedding
from llama_index.core.bridge.pydantic import PrivateAttr

from rag.answering.pipeline import answer
from rag.embedding.llamaindex import as_embedder
from rag.errors import BackendError, EmbedderChanged, PolicyRefused
from rag.ingestion import ingest
from rag.policy import Destination
from rag.retrieval.library import Library, open_library
from rag.settings import BackendSettings, Settings
from rag.types import BackendInfo
from tiny_embedder import TinyEmbedder
from wire_recorder import COUNTRIES, HOSTS, recording

QUESTION = "When did the bridge of Esk open to traffic?"
OPEN = "# Bridge\n\nThe bridge of Esk opened to traffic in 1932. It was painted red in 1950.\n"
OTHER = "# Ferry\n\nThe ferry of Esk was sold in 1951. Nobody misses it.\n"
KEPT = "---\nkeep_local: true\n---\n# Guard\n\nThe guard of the bridge of Esk was told in 1931.\n"


class Hosted(BaseEmbedding):
    """Keeps what it was given, as somebody elsewhere would."""

    api_base: str = "https://api.one.example/v1"
    _inner: TinyEmbedder = PrivateAttr(default_factory=TinyEmbedder)
    _fails: bool = PrivateAttr(default=False)

    @property
    def seen(self) -> list[str]:
        return self._inner.embedded

    def _get_text_embedding(self, text: str) -> list[float]:
        if self._fails:
            raise RuntimeError("key sk-canary-0123456789 is wrong")
        row: list[float] = (3 * self._inner.embed([text])[0]).tolist()
        return row

    def _get_query_embedding(self, query: str) -> list[float]:
        return self._get_text_embedding(query)

    async def _aget_query_embedding(self, query: str) -> list[float]:
        raise AssertionError("nobody asks for this")


@pytest.fixture
def articles(tmp_path: Path) -> Path:
    folder = tmp_path / "articles"
    folder.mkdir()
    for name, text in (("open", OPEN), ("other", OTHER), ("kept", KEPT)):
        (folder / f"{name}.md").write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def abroad(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOOTNOTE_TEXT_MAY_GO_TO", "local,US")


def test_by_default_an_embedder_elsewhere_gets_nothing(articles: Path, tmp_path: Path) -> None:
    hosted = Hosted(model_name="far-embed")
    with open_library(tmp_path / "library", embedder=hosted, create=True) as library:
        with pytest.raises(PolicyRefused, match=r"far-embed.*text_may_go_to = local.*built-in"):
            ingest([articles], library)
        assert hosted.seen == [] and library.articles() == () and library.egress_log.calls() == ()


@pytest.mark.usefixtures("abroad")
def test_what_an_embedder_elsewhere_gets_is_noted(articles: Path, tmp_path: Path) -> None:
    hosted = Hosted()
    embedder = as_embedder(hosted, name="far", location="US")
    with open_library(tmp_path / "library", embedder=embedder, create=True) as library:
        receipt = ingest([articles], library)
        assert len(receipt.added) == 2
        assert [failure.reason for failure in receipt.failed] == [
            "keep_local: its text may not go to the embedder far"
        ]
        assert not any("guard" in text for text in hosted.seen)
        (sent,) = library.egress_log.calls()
        assert (sent.backend, sent.host, sent.location) == ("far", "api.one.example", "US")
        assert set(sent.articles) == set(receipt.added)
        before = len(library.egress_log.calls())
        found = answer(QUESTION, library=library)
        assert "1932" in found.text and found.backend.name == "extractive"
        assert found.trace.left_machine == ("api.one.example",)
        questions = library.egress_log.calls()[before:]
        assert questions[0].characters == len(QUESTION) and questions[0].articles == ()
        again = len(library.egress_log.calls())
        with pytest.raises(PolicyRefused, match="this question"):
            answer("And when was the ferry sold?", library=library, text_may_go_to="local")
        library.egress_log.set_rule("local")
        with pytest.raises(PolicyRefused, match="this library"):
            answer("Who sold the ferry of Esk?", library=library)
        assert len(library.egress_log.calls()) == again


@pytest.mark.usefixtures("abroad")
def test_an_embedder_elsewhere_gets_no_sentence_of_a_draft(articles: Path, tmp_path: Path) -> None:
    class Drafts:
        info, destination = BackendInfo("drafts"), None

        def draft(self, question: str, evidence: object, call: object) -> Iterator[str]:
            yield "The ferry of Esk was given to a museum in 1999."

    hosted = Hosted()
    embedder = as_embedder(hosted, name="far", location="US")
    with open_library(tmp_path / "library", embedder=embedder, create=True) as library:
        ingest([articles], library)
        before = len(hosted.seen)
        found = answer(QUESTION, library=library, backend=Drafts())
        assert any("museum" in sentence.text for sentence in found.sentences)
        assert len(hosted.seen) > before
        assert not any("museum" in text for text in hosted.seen)


def test_settings_that_are_given_count_in_place_of_the_files(
    articles: Path, tmp_path: Path
) -> None:
    near = as_embedder(Hosted(), location="local")
    with open_library(tmp_path / "library", embedder=near, create=True) as library:
        # Its host is elsewhere, whatever it is declared to be: allowed, and noted.
        assert len(ingest([articles], library).added) == 3
        assert library.egress_log.calls()
    far = as_embedder(Hosted(), location="FR", dimension=near.dimension)
    with open_library(tmp_path / "library", embedder=far) as library:
        chosen = Settings(library=library.path, text_may_go_to=("FR",))
        found = answer(QUESTION, library=library, settings=chosen)
        assert "1932" in found.text
        assert not any("Guard" in item.source.title for item in found.evidence), "it must stay"
        narrow = Settings(library=library.path, text_may_go_to=("US",))
        with pytest.raises(PolicyRefused):
            answer("When was the ferry sold?", library=library, settings=narrow)


def test_where_embedders_stand() -> None:
    assert as_embedder(Hosted()).destination == Destination("Hosted", "api.one.example", "unknown")
    assert as_embedder(Hosted(api_base="http://127.0.0.1:1/v1")).destination.location == "local"
    assert as_embedder(MockEmbedding(embed_dim=8)).destination == Destination(
        "MockEmbedding", "", "local"
    )


def test_an_embedder_that_says_nothing_may_be_anywhere(articles: Path, tmp_path: Path) -> None:
    class Silent:
        identity = TinyEmbedder().identity
        count_tokens = TinyEmbedder().count_tokens

        def embed(self, texts: object) -> object:
            raise AssertionError("it got text")

    with (
        open_library(tmp_path / "library", embedder=Silent(), create=True) as library,
        pytest.raises(PolicyRefused, match="Silent"),
    ):
        ingest([articles], library)


def test_a_llamaindex_object_fills_a_library_and_opens_it_again(
    articles: Path, tmp_path: Path
) -> None:
    local = Hosted(api_base="http://127.0.0.1:1/v1")
    with open_library(tmp_path / "library", embedder=local, create=True) as library:
        ingest([articles], library)
        assert library.search(QUESTION, k=1)[0].source.title == "Bridge"
        assert library.egress_log.calls() == ()
        assert np.allclose(
            np.linalg.norm(library.retriever().question_vector(QUESTION)), 1, atol=1e-5
        )
    with open_library(tmp_path / "library", embedder=local) as library:
        assert library.articles()
    with pytest.raises(EmbedderChanged):
        open_library(tmp_path / "library", embedder=MockEmbedding(embed_dim=8))


def test_what_an_embedder_raises_is_ours_and_tells_no_secrets(tmp_path: Path) -> None:
    hosted = Hosted(api_base="http://127.0.0.1:1/v1")
    hosted._fails = True
    with pytest.raises(BackendError) as caught:
        as_embedder(hosted).embed(["a text"])
    assert "RuntimeError" in str(caught.value) and "canary" not in str(caught.value)
    assert caught.value.__cause__ is None and caught.value.__context__ is None


# -- the property ---------------------------------------------------------------------------------

PLACES = st.lists(
    st.sampled_from(("local", "anywhere", "US", "CN", "FR", *HOSTS)), min_size=1, max_size=3
).map(tuple)


class Movable(TinyEmbedder):
    """One whose host moves from case to case."""

    destination: Destination | None = Destination("far", "api.one.example", "local")


@pytest.fixture(scope="module")
def shared_library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Library, Movable]]:
    folder = tmp_path_factory.mktemp("articles")
    for name, text in (("open", OPEN), ("other", OTHER), ("kept", KEPT)):
        (folder / f"{name}.md").write_text(text, encoding="utf-8")
    embedder = Movable()
    path = tmp_path_factory.mktemp("library")
    with open_library(path, embedder=embedder, create=True) as library:
        ingest([folder], library)
        yield library, embedder


@hypothesis_settings(max_examples=1_000, suppress_health_check=list(HealthCheck), deadline=None)
@given(
    of_settings=PLACES,
    of_library=st.none() | PLACES,
    of_question=st.none() | PLACES,
    place=st.tuples(st.sampled_from(HOSTS), st.sampled_from(COUNTRIES)),
    backends=st.lists(
        st.tuples(st.sampled_from(HOSTS), st.sampled_from(COUNTRIES)), min_size=1, max_size=3
    ),
    number=st.integers(0, 10**9),
)
def test_neither_embedder_nor_backend_gets_what_it_may_not(
    shared_library: tuple[Library, Movable],
    of_settings: tuple[str, ...],
    of_library: tuple[str, ...] | None,
    of_question: tuple[str, ...] | None,
    place: tuple[str, str],
    backends: list[tuple[str, str]],
    number: int,
) -> None:
    """Whole answers from one library, under the rules of settings, library and question."""
    library, embedder = shared_library
    library.embeddings._embedder.destination = Destination("far", *place)  # type: ignore[union-attr]
    library.embeddings._sentences.clear()
    library.egress_log.set_rule(of_library)
    embedder.embedded.clear()
    rules = [rule for rule in (of_settings, of_library, of_question) if rule is not None]

    def allowed(host: str, country: str) -> bool:
        return all("anywhere" in r or country in r or host in r for r in rules)

    tables = tuple(
        BackendSettings(name=f"b{n}", base_url=f"http://{host}/v1", model="tiny", location=country)
        for n, (host, country) in enumerate(backends)
    )
    chosen = Settings(library=library.path, text_may_go_to=of_settings, backends=tables)
    names = [*(table.name for table in tables), "extractive"]
    found = None
    with recording() as recorder:
        try:
            found = answer(
                f"{QUESTION} {number}",
                library=library,
                backend=names,
                settings=chosen,
                text_may_go_to=of_question,
            )
        except PolicyRefused:
            assert not allowed(*place), "the extractive answerer cannot be refused"
    if not allowed(*place):
        assert embedder.embedded == [] and recorder.sent == [] and found is None
        return
    assert found is not None and embedder.embedded
    if place[1] != "local":
        assert not any("guard" in text for text in embedder.embedded), "it must stay"
    permitted: dict[str, set[str]] = {}
    for host, country in backends:
        if allowed(host, country):
            permitted.setdefault(host, set()).add(country)
    for host, body in recorder.sent:
        assert host in permitted
        if "The guard of the bridge" in body:
            assert "local" in permitted[host], "an article that must stay went elsewhere"
    elsewhere = Destination("far", *place).leaves
    assert (place[0] in found.trace.left_machine) or not elsewhere
