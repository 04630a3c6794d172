"""Whether a sentence can be understood without the ones around it."""

from __future__ import annotations

import re

from rag.text import is_property

# Openings that refer to the previous sentence. "This week" and "It is clear that" do not.
NEEDS_CONTEXT = re.compile(
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
# "Because it was late." is a reason for the previous sentence; with a comma it has its own.
ONLY_A_REASON = re.compile(r"[\"“]?(?:because|which|and|or)\b[^,]*$", re.IGNORECASE)
# "Announced that it lays off 16 people" does not say who did.
WITHOUT_SUBJECT = re.compile(
    r"(?:announced|said|says|added|confirmed|reported|laid off|noted|told|plans to|will)\b"
)
SHORTEST = 3
# A quotation that continues in the next sentence says nothing in this many words or fewer.
SCRAP = 6
# The time at the start of a line of a live blog: "9:45 p.m.: ".
CLOCK = re.compile(
    r"^\W*\d{1,2}[:.]\d{2}(?:\s*[ap]\.?m\.?)?(?:\s+[A-Z]{2,3}\b)?\s*[:–—-]?\s+", re.I
)
# "As follows: 1." ends with the number of the next item.
ENDS_IN_A_LIST = re.compile(r"[:;]\s+\(?(?:\d{1,2}|[a-zA-Z])[.)]\W*$")
# "is on sale at the pier.": its beginning is cut off, perhaps up to a bracket. "iPhone sales rose."
# is whole, and so may be the items of a list, which have no full stop.
BEGINS_INSIDE = re.compile(
    r"[)\]”’,;:.]*\s*[a-z](?![a-z]*[A-Z\d]|\S*\.\w).*[.!?][\"”’)]*$", re.DOTALL
)
# A line with no other lower-case words is a title: it has no verb. With a number or after a label
# it may be the row of a table that answers.
JOINING = frozenset(
    "a an and as at but by de for from in into la of off on or out over per than the to up v van "
    "via von vs with".split()
)
# A title may contain a year; it then has no full stop.
TELLS_SHORTLY = re.compile(r"\b(?!(?:19|20)\d\d\b)\d|\d.*\.$|:|['’](?:s|re|m|d|ll|ve)\b")
# Calls to action that publishers put into articles.
HOUSEKEEPING = re.compile(
    r"\bha(?:s|ve) (?:contacted|reached out to)\b|^for more\b.*\b(?:check|see|visit|read)\b"
    r"|\bsign up (?:for|to)\b|\bour newsletter\b|\bclick here\b|\bterms and conditions\b",
    re.IGNORECASE,
)
# Captions of pictures and posts.
CREDIT = re.compile(
    r"^\W*(?:credits?|image|images|photo|photos|picture|getty)\b[^.]{0,30}:|\bimage credits?\b"
    r"|\bphoto (?:by|illustration)\b|^\W*[\w ]* ?\(@\w+\)|\bpic\.twitter\.com/"
    r"|^[—–•|#*]\s|^\W*image (?:source|caption),",
    re.IGNORECASE,
)


def needs_context(sentence: str) -> bool:
    """Whether it begins with a word that refers to the previous sentence."""
    return bool(NEEDS_CONTEXT.match(sentence)) or gives_a_reason_only(sentence)


def gives_a_reason_only(sentence: str) -> bool:
    """Whether it only gives the reason for the previous sentence."""
    return bool(ONLY_A_REASON.match(sentence))


def is_fragment(sentence: str) -> bool:
    """Whether it is a fragment or an exclamation, which cannot answer a question.

    That is a line without a subject or a verb, in capitals, of one or two words (perhaps after a
    time), a call to action, a caption, or a line that begins or ends inside another sentence.
    """
    if sentence == sentence.swapcase() and any(map(str.isalpha, sentence)):
        # A script without capitals, perhaps without spaces: only its marks tell.
        return sentence.rstrip("\"”'’)]」』）").endswith(
            ("!", "！", "…", ":", "：", ",", "，", "、")
        )
    words = CLOCK.sub("", sentence).split()
    short = len(words) < SHORTEST and not is_property(sentence)
    if short or sentence.rstrip("\"”'’)]").endswith(("!", "…", "...", ":", ",")):
        return True
    if BEGINS_INSIDE.match(sentence) or ENDS_IN_A_LIST.search(sentence):
        return True
    if len(words) <= SCRAP and not has_balanced_quotes(sentence):
        return True
    if not TELLS_SHORTLY.search(sentence) and not any(map(_may_be_a_verb, words)):
        return True
    letters = [character for character in sentence if character.isalpha()]
    if letters and sum(letter.isupper() for letter in letters) > len(letters) / 2:
        return True
    if CREDIT.search(sentence) or HOUSEKEEPING.search(sentence):
        return True
    return bool(WITHOUT_SUBJECT.match(sentence[:1].lower() + sentence[1:]))


def _may_be_a_verb(word: str) -> bool:
    plain = word.strip("“”\"‘’'()[],.;:!?")
    return plain[:1].islower() and plain not in JOINING


def has_balanced_quotes(sentence: str) -> bool:
    """Whether every quotation that opens in it closes in it, and vice versa."""
    return sentence.count("“") == sentence.count("”") and sentence.count('"') % 2 == 0


FIRST_PERSON = re.compile(r"\b(?:I|[Ww]e|[Mm]e|us|[Mm]y|[Oo]ur|[Yy]ou|[Yy]our)\b")
QUOTED = re.compile(r"[“\"][^”\"]*[”\"]")


def is_first_person(sentence: str) -> bool:
    """Whether it is in the first person or addresses the reader, outside of quotation marks."""
    return bool(FIRST_PERSON.search(QUOTED.sub("", sentence)))
