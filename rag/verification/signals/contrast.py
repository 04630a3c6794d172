"""Words that turn a statement round: opposites, comparisons, and how many of a group."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from rag.verification.signals import lemmas

# Opposites, each line one pair of groups; a word of one group against one of the other clashes.
OPPOSITES = """
increase rise grow gain climb surge soar jump | decrease fall decline drop shrink
increase rise gain surge | lose plunge slump sink fall
expand boost improve raise escalate | reduce cut lower worsen diminish decrease decline
rose risen grew grown | fell fallen shrank sank dropped
won | lost
bought | sold
up upward | down downward
high higher highest | low lower lowest
more most greater | less least fewer fewest
large larger big bigger huge major | small smaller tiny little minor
long longer | short shorter
early earlier | late later
before prior | after following
first | last final
start begin launch open commence initiate resume | stop end close halt finish cease cancel suspend
win won victory succeed success | lose lost defeat fail failure
accept approve allow permit agree | reject refuse deny ban forbid prohibit disagree
support endorse back welcome allow | oppose block criticize condemn dispute reject
buy bought purchase acquire | sell sold
hire recruit | fire dismiss
join enter arrive | leave left exit depart quit
include | exclude
public | private
open | closed
legal lawful | illegal unlawful
guilty convict | innocent acquit
alive survive live | dead die kill death
love like enjoy | hate dislike
positive optimistic | negative pessimistic
good better best great | bad worse worst poor
strong stronger | weak weaker
fast faster quick quickly | slow slower slowly
easy easier | difficult hard harder
cheap cheaper inexpensive | expensive costly
safe safer safely | dangerous unsafe
rich wealthy | poor
young younger | old older
new newer | old older
man men male boy king | woman women female girl queen
father son husband brother | mother daughter wife sister
north northern | south southern
east eastern | west western
left | right
always | never
all every everyone everything | none nobody nothing no-one
many | few
often frequently | rarely seldom
possible able can | impossible unable cannot
profit | loss
income revenue earnings | expense cost
credit | debt
above over exceed | below under
inside within | outside
domestic national | foreign international
temporary | permanent
partly partially | wholly entirely fully completely
present | absent
remember | forget forgot
lend | borrow
teach | learn
give gave | take took
send sent | receive
push | pull
attack | defend
war | peace
friend ally | enemy foe rival
known familiar | unknown unfamiliar
same identical similar | different
maximum most | minimum least
majority | minority
import | export
demand | supply
day daytime | night
morning | evening
summer | winter
hot warm | cold cool
happy glad pleased | sad unhappy upset
confirm | deny
reveal disclose | hide conceal
build construct | destroy demolish
create | destroy
encourage urge | discourage deter
praise | criticize
hope | fear
add | remove
arrest detain | release free
lead | follow
ahead | behind
employer | employee
buyer | seller
online | offline
voluntary | mandatory compulsory
upgrade | downgrade
outperform beat | underperform miss
advantage | disadvantage
benefit | harm
true correct right | false incorrect wrong
full | empty
light | heavy dark
wide | narrow
active | inactive
formal | informal
direct directly | indirect indirectly
external | internal
complex complicated | simple
successful successfully | unsuccessful unsuccessfully
likely | unlikely
agree | disagree
necessary | unnecessary
satisfied | dissatisfied
encouraging | disappointing
tighten | loosen relax
strengthen | weaken
widen | narrow
accelerate | slow
maintain keep continue retain | abandon discontinue stop
import | export
"""


def _opposites(lines: str) -> Mapping[str, frozenset[str]]:
    table: dict[str, set[str]] = {}
    for line in lines.strip().splitlines():
        one, _, other = line.partition("|")
        groups = [{lemmas.stem(word) for word in side.split()} for side in (one, other)]
        for stem in groups[0]:
            table.setdefault(stem, set()).update(groups[1] - {stem})
        for stem in groups[1]:
            table.setdefault(stem, set()).update(groups[0] - {stem})
    return {stem: frozenset(others) for stem, others in table.items()}


OPPOSITE = _opposites(OPPOSITES)

# Prefixes that turn a word into its opposite.
TURNING = ("un", "in", "im", "dis", "non", "ir", "il")

# How much of a group a word speaks of, from none to all.
SHARES = {
    **dict.fromkeys("no none neither nobody".split(), 0),
    **dict.fromkeys("few little hardly barely".split(), 1),
    **dict.fromkeys("some several certain".split(), 2),
    **dict.fromkeys("many much numerous".split(), 3),
    **dict.fromkeys("most majority mostly".split(), 4),
    **dict.fromkeys("all every each both entire whole everyone everybody".split(), 5),
}
# Words that allow no exception.
ABSOLUTE = frozenset(
    """all every always never only entire entirely completely fully totally solely exclusively none
    nobody everyone everything best worst most first last sole unique""".split()
)
# Stems of words that say that something went, or is, badly or less.
GRIM = frozenset(
    lemmas.stem(word)
    for word in """bad worse worst negative poor fail failed failure loss lost lose enemy hate
    dislike reject refuse deny disappoint disappointed disappointing unhappy sad angry upset wrong
    useless worthless unable impossible difficult hard weak lower decrease decline ineffective
    inefficient unsuccessful unrelated unsupported limited lack ignore avoid prevent stop cancel
    skip oppose against disagree discourage criticize blame illegal expensive complex complicated
    unknown old outdated dangerous inferior""".split()
)
UNIVERSAL = frozenset("all every".split())
# "At all", "after all" and "above all" speak of no group.
IDIOMS = frozenset("at after above in".split())
LIMITING = frozenset("except unless if".split())
ONLY = frozenset("only solely exclusively sole".split())
# Comparing words that do not end in -er or -est.
COMPARING = frozenset("more less most least better best worse worst fewer first last".split())
NOT_COMPARING = frozenset(
    """other over under after never ever number member order paper power water later offer per
    whether however rather together either neither another former letter matter player
    computer summer winter quarter center order consumer customer user former leader maker
    interest west east rest test best request guest contest protest forest arrest invest suggest
    latest""".split()
)


def opposites(stem: str) -> frozenset[str]:
    """Stems that say the opposite of one, by the table or by a prefix."""
    turned = {prefix + stem for prefix in TURNING}
    turned |= {
        stem[len(prefix) :]
        for prefix in TURNING
        if stem.startswith(prefix) and len(stem) > len(prefix) + 3
    }
    return OPPOSITE.get(stem, frozenset()) | (turned if len(stem) > 3 else frozenset())


def clashes(claimed: Iterable[str], said: frozenset[str]) -> tuple[str, ...]:
    """Claimed stems that are not said while their opposite is."""
    return tuple(s for s in dict.fromkeys(claimed) if s not in said and opposites(s) & said)


def shares(words: Iterable[str]) -> frozenset[int]:
    """The steps from none (0) to all (5) that a text's quantity words stand for."""
    return frozenset(SHARES[word] for word in words if word in SHARES)


def absolute(words: Iterable[str]) -> frozenset[str]:
    """Words of a text that allow no exception."""
    return ABSOLUTE.intersection(words)


def universal(words: Sequence[str]) -> tuple[frozenset[str], ...]:
    """For each "all" or "every" of a text, the stems of the two content words behind it."""
    return tuple(
        frozenset(lemmas.content_stems(" ".join(words[place + 1 :]))[:2])
        for place, word in enumerate(words)
        if word in UNIVERSAL and (place == 0 or words[place - 1] not in IDIOMS)
    )


def limits(stems: Sequence[str]) -> tuple[str, ...]:
    """Stems by which a text says that something is not so in every case: "older than 60", "if"."""
    found = [stem for stem in stems if stem in LIMITING]
    for place, stem in enumerate(stems):
        measured = stems[place + 1 : place + 2] and stems[place + 1][:1].isdigit()
        if stem == "than" and measured and stems[place - 1] not in COMPARING:
            found.append(stem)
    return tuple(found)


def exclusive(words: Iterable[str]) -> bool:
    """Whether a text says that something is so for nothing else."""
    return any(word in ONLY for word in words)


def comparisons(words: Iterable[str]) -> frozenset[str]:
    """Comparatives and superlatives, as written."""
    return frozenset(
        word
        for word in words
        if word in COMPARING
        or (len(word) > 4 and word.endswith(("er", "est", "ier", "iest")) and _is_compared(word))
    )


def _is_compared(word: str) -> bool:
    if word in NOT_COMPARING:
        return False
    base = word.removesuffix("est").removesuffix("er")
    return (
        base in ADJECTIVES
        or base + "e" in ADJECTIVES
        or base[:-1] in ADJECTIVES
        or (base.endswith("i") and base[:-1] + "y" in ADJECTIVES)
    )


ADJECTIVES = frozenset(
    """big large small high low long short old young new early late fast slow quick cheap rich poor
    strong weak wide narrow deep great hard easy heavy light dark bright safe hot cold warm cool
    happy sad near far close loud soft thick thin tall simple smart tough rough smooth clean dirty
    busy healthy wealthy noisy pretty ugly funny lucky angry hungry costly deadly friendly lonely
    fine nice wise brave rare late large sharp steep tight loose clear full broad bold calm mild
    wild rude pure sure true vast fresh harsh""".split()
)
