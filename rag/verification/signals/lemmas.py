"""Stems for comparing: "found" and "finds" are one word, as are "bought" and "buys"."""

from __future__ import annotations

from functools import lru_cache

from rag import text as texts

# Each line a verb or noun with the forms that no ending makes of it.
IRREGULAR = """
arise arose arisen
become became
begin began begun
bend bent
bind bound
bite bit bitten
bleed bled
blow blew blown
break broke broken
breed bred
bring brought
build built
buy bought
catch caught
choose chose chosen
come came
deal dealt
dig dug
draw drew drawn
drink drank drunk
drive drove driven
eat ate eaten
fall fell fallen
feed fed
feel felt
fight fought
find found
flee fled
fly flew flown
forbid forbade forbidden
forget forgot forgotten
freeze froze frozen
get got gotten
give gave given
go went gone
grow grew grown
hang hung
hear heard
hide hid hidden
hold held
keep kept
know knew known
lay laid
lead led
learn learnt
lend lent
lose lost
make made
mean meant
meet met
pay paid
ride rode ridden
ring rang rung
rise rose risen
run ran
see saw seen
seek sought
sell sold
send sent
shake shook shaken
shine shone
shoot shot
show showed shown
shrink shrank shrunk
sing sang sung
sink sank sunk
sit sat
sleep slept
slide slid
speak spoke spoken
spend spent
spin spun
stand stood
steal stole stolen
stick stuck
strike struck stricken
swear swore sworn
sweep swept
swim swam swum
swing swung
take took taken
teach taught
tear tore torn
think thought
throw threw thrown
understand understood
wake woke woken
wear wore worn
weave wove woven
win won
withdraw withdrew withdrawn
write wrote written
overcome overcame
undergo underwent undergone
undertake undertook undertaken
uphold upheld
man men
woman women
child children
foot feet
tooth teeth
person people
life lives
wife wives
"""


def _bases(lines: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for line in lines.strip().splitlines():
        base, *forms = line.split()
        found.update((texts.stem(form), texts.stem(base)) for form in forms)
    return found


BASES = _bases(IRREGULAR)


@lru_cache(maxsize=65_536)
def stem(word: str) -> str:
    """The stem of a word in lower case, of irregular forms that of their base."""
    found = texts.stem(word)
    return BASES.get(found, found)


@lru_cache(maxsize=16_384)
def content_stems(text: str) -> tuple[str, ...]:
    """Like `rag.text.content_stems`, with irregular forms as their base."""
    return tuple(BASES.get(found, found) for found in texts.content_stems(text))
