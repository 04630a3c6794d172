"""What is small talk as a whole, and what only begins like it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.query import small_talk_language
from rag.query.small_talk import asks_for_more, small_talk, strip_politeness


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("thanks!", "thanks"),
        ("ok, thank you so much", "thanks"),
        ("Thank you, this was very helpful!", "thanks"),
        ("thanks, that helps a lot", "thanks"),
        ("Hello", "greeting"),
        ("hi there!", "greeting"),
        ("Good morning", "greeting"),
        ("What can you do?", "help"),
        ("who are you", "help"),
        ("How does this work?", "help"),
        ("Who made you?", "help"),
        ("Hi, how are you?", "greeting"),
        ("What should I ask?", "help"),
        ("Give me some examples", "help"),
        ("Could you list the articles for me?", "contents"),
        ("Please summarize all the documents", "summary"),
        ("show me all titles", "contents"),
        ("How many articles are there?", "contents"),
        ("how many articles do you have", "contents"),
        ("Which publishers are there?", "contents"),
        ("list all articles", "contents"),
        ("Show me the titles of all the articles", "contents"),
        ("What's in the library?", "contents"),
        ("what are the articles about", "contents"),
        ("summarise the articles", "summary"),
        ("Give me an overview of everything", "summary"),
        ("What do the articles say?", "summary"),
    ],
)
def test_small_talk_is_recognised(question: str, kind: str) -> None:
    assert small_talk(question) == kind


@pytest.mark.parametrize(
    "question",
    [
        "hello world programs: who wrote the first?",
        "What can you do with the new chip?",
        "Who are you calling a thief, according to Orl?",
        "How many articles are there in the treaty?",
        "how many articles of the treaty were changed",
        "list all companies that left",
        "What do the articles say about the ferry?",
        "summarise the ferry article",
        "what is in the ferry's hold",
        "thanks to whom did Esk win?",
        "Give me an example of a ferry",
        "Can you help me find the ferry?",
        "What should I ask the keeper for?",
        "Which is the latest news about the ferry?",
        "no one knows?",
    ],
)
def test_a_question_is_not_small_talk(question: str) -> None:
    assert small_talk(question) is None


@pytest.mark.parametrize(
    "question", ["tell me more", "Tell me more about it", "more?", "anything else?", "go on"]
)
def test_more_is_asked_for(question: str) -> None:
    assert asks_for_more(question)


@pytest.mark.parametrize(
    "question", ["tell me more about Esk", "what else did Orl buy", "is there more rain in May"]
)
def test_a_question_with_a_subject_is_complete(question: str) -> None:
    assert not asks_for_more(question)


@pytest.mark.parametrize(
    ("question", "kind", "language"),
    [
        ("Vielen Dank für deine Hilfe!", "thanks", "german"),
        ("Hallo zusammen, wie geht's?", "greeting", "german"),
        ("Was können Sie tun?", "help", "german"),
        ("Welche Artikel hast du?", "contents", "german"),
        ("Bitte fass die Texte kurz zusammen.", "summary", "german"),
        ("Kannst du die Artikel kurz zusammenfassen?", "summary", "german"),
        ("Quels sont les articles disponibles ?", "contents", "french"),
        ("Super, merci !", "thanks", "french"),
        ("Bonsoir à tous", "greeting", "french"),
        ("Qu’est-ce que tu peux faire ?", "help", "french"),
        ("Combien d'articles as-tu ?", "contents", "french"),
        ("Peux-tu résumer les articles, s’il te plaît ?", "summary", "french"),
        ("Muchas gracias por tu ayuda", "thanks", "spanish"),
        ("¡Buenos días!", "greeting", "spanish"),
        ("que puedes hacer", "help", "spanish"),
        ("¿De qué tratan los artículos?", "contents", "spanish"),
        ("Hazme un resumen de los artículos, por favor", "summary", "spanish"),
        ("非常感谢！", "thanks", "chinese"),
        ("早上好", "greeting", "chinese"),
        ("我可以问什么？", "help", "chinese"),
        ("库里有哪些文章？", "contents", "chinese"),
        ("请概括一下这些文章。", "summary", "chinese"),
    ],
)
def test_small_talk_in_other_languages(question: str, kind: str, language: str) -> None:
    assert (small_talk(question), small_talk_language(question)) == (kind, language)


@pytest.mark.parametrize(
    "question",
    [
        "Wie viele Artikel hat das Grundgesetz?",
        "Danke an wen?",
        "Was kannst du mir über die Brücke sagen?",
        "Combien d’articles compte le traité ?",
        "Que peux-tu dire du phare ?",
        "¿Cuántos artículos tiene la constitución?",
        "Hola es el nombre de qué barco?",
        "宪法有多少条？",
        "谢谢是谁写的歌？",
        "你能说说青石桥吗？",
        "?",
    ],
)
def test_questions_in_other_languages_are_not_small_talk(question: str) -> None:
    assert small_talk(question) is None


@pytest.mark.parametrize("question", ["Erzähl mir mehr", "Dis-m’en plus", "Dime más", "继续"])
def test_more_is_asked_for_in_other_languages(question: str) -> None:
    assert asks_for_more(question)


@pytest.mark.parametrize(
    ("question", "left"),
    [
        ("Can you tell me how high the bridge is?", "how high the bridge is?"),
        ("could you please tell me who built the bridge", "who built the bridge"),
        ("Hi! I would like to know how high it is, please", "how high it is"),
        ("I'd like to know: who built it? Thanks!", "who built it?"),
        ("hello there, do you know who sued Esk?", "who sued Esk?"),
        ("I was wondering why the ferry sank", "why the ferry sank"),
        ("please tell me the price of the ferry, thank you very much", "the price of the ferry"),
        ("who built it please?", "who built it?"),
        ("tell me about the ferry", "tell me about the ferry"),
        ("can you tell me about the ferry", "can you tell me about the ferry"),
        ("why did Thanks Inc fail", "why did Thanks Inc fail"),
        ("What do people know about thanks", "What do people know about thanks"),
        ("so long and thanks for all the fish", "so long and thanks for all the fish"),
        ("Well, who built it", "who built it"),
        ("thanks", "thanks"),
        ("hello there", "hello there"),
        ("please?", "please?"),
    ],
)
def test_what_is_left(question: str, left: str) -> None:
    assert strip_politeness(question) == left


@given(st.text())
def test_it_only_takes_away(question: str) -> None:
    left = strip_politeness(question)
    assert left == question or (left.rstrip("?") in question and len(left.split()) >= 2)
    assert (
        strip_politeness("x " + question).startswith("x")
        or strip_politeness("x " + question) == "x " + question
    )
