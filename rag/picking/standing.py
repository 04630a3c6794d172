"""Whether a sentence can be understood without the ones around it."""

from __future__ import annotations

import re

# Openings that lean on the sentence before. "This week" and "It is clear that" do not.
LEANS_BACK = re.compile(
    r"(?:\(?\d{1,2}[.)]\s+|[-*•]\s+)?[\"“]?"
    r"(?:he|she|they|his|her|their|its|such|these|those|the (?:former|latter|same|two|move|"
    r"decision|announcement|company|firm|group|model|memo)"
    r"|it(?! (?:is|was|has been|would be|may be|seems) (?:clear|likely|possible|important))"
    r"|this(?! (?:week|month|year|morning|article|is why))"
    r"|that(?= (?:is|was|would|could|has|means))"
    r"|both|instead|but|so|yet|still|however|nevertheless|also|in (?:that|this) (?:case|way)"
    r"|meanwhile|otherwise|similarly|likewise|then|there|even so|as a result"
    r"|because of (?:this|that))\b",
    re.IGNORECASE,
)
# "Because it was late." gives the reason of something else; with a comma it has its own.
ONLY_A_REASON = re.compile(r"[\"“]?(?:because|which|and|or)\b[^,]*$", re.IGNORECASE)
# "Announced that it lays off 16 people" does not say who did.
WITHOUT_SUBJECT = re.compile(
    r"(?:announced|said|says|added|confirmed|reported|laid off|noted|told|plans to|will)\b"
)
SHORTEST = 3
# What publishers put into articles besides what they report.
HOUSEKEEPING = re.compile(
    r"\bha(?:s|ve) (?:contacted|reached out to)\b|^for more\b.*\b(?:check|see|visit|read)\b"
    r"|\bsign up (?:for|to)\b|\bour newsletter\b|\bclick here\b|\bterms and conditions\b",
    re.IGNORECASE,
)
# Under pictures and posts.
CREDIT = re.compile(
    r"^\W*(?:credits?|image|images|photo|photos|picture|getty)\b[^.]{0,30}:|\bimage credits?\b"
    r"|\bphoto (?:by|illustration)\b|^\W*[\w ]* ?\(@\w+\)|\bpic\.twitter\.com/"
    r"|^[—–•|#*]\s",
    re.IGNORECASE,
)


def leans_back(sentence: str) -> bool:
    """Whether it begins with a word that stands for something said before."""
    return bool(LEANS_BACK.match(sentence)) or gives_a_reason_only(sentence)


def gives_a_reason_only(sentence: str) -> bool:
    """Whether it is the second half of a sentence that stands in front."""
    return bool(ONLY_A_REASON.match(sentence))


def is_fragment(sentence: str) -> bool:
    """Whether it is a piece of a sentence, or a shout: nothing that answers a question.

    A line without a subject, a row of capitals, one or two words, a call, the line under a picture.
    """
    words = sentence.split()
    if len(words) < SHORTEST or sentence.rstrip("\"”'’)]").endswith(("!", "…", "...", ":", ",")):
        return True
    letters = [character for character in sentence if character.isalpha()]
    if letters and sum(letter.isupper() for letter in letters) > len(letters) / 2:
        return True
    if CREDIT.search(sentence) or HOUSEKEEPING.search(sentence):
        return True
    return bool(WITHOUT_SUBJECT.match(sentence[:1].lower() + sentence[1:]))


def balanced(sentence: str) -> bool:
    """Whether each quotation that opens in it closes in it, and the other way round."""
    return sentence.count("“") == sentence.count("”") and sentence.count('"') % 2 == 0


FIRST_PERSON = re.compile(r"\b(?:I|[Ww]e|[Mm]e|us|[Mm]y|[Oo]ur|[Yy]ou|[Yy]our)\b")
QUOTED = re.compile(r"[“\"][^”\"]*[”\"]")


def speaks_of_itself(sentence: str) -> bool:
    """Whether its writer speaks of himself or to the reader, outside of quotation marks."""
    return bool(FIRST_PERSON.search(QUOTED.sub("", sentence)))
