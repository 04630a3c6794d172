"""What no reader of a page sees: text that its styles hide, shrink, move away or paint over."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from html.parser import HTMLParser
from typing import NamedTuple

from lxml import etree
from lxml.html import HtmlElement

STYLE_COMMENT = re.compile(r"/\*.{0,5000}?\*/", re.DOTALL)
# Conditions under which a rule holds on every screen.
ON_SCREENS = re.compile(r"@media\s+(?:only\s+)?(?:screen|all)\s*|@layer.*|@supports.*", re.DOTALL)
Style = Mapping[str, str]
NOTHING = re.compile(r"0?\.?0*(?:px|em|rem|pt|%|vw|vh)?")
SMALL = re.compile(r"(?:0?\.\d+|1(?:\.\d+)?)(?:px|pt)|0?\.0\d*(?:em|rem)")
FONT_SIZE = re.compile(r"(?:^|\s)([\d.]+(?:px|em|rem|pt|%)?)(?:/|\s)")
FAR_AWAY = re.compile(r"-\d{4,}(?:\.\d+)?px|-\d{3,}(?:\.\d+)?(?:em|rem|vw|vh|%)|-\d{4,}")
CLIPPED = r"(?:rect\((?:0|1px)|inset\((?:50|100)%|circle\(0|polygon\(0 0,\s*0 0).*"
MOVED = ("left", "top", "right", "bottom", "text-indent", "margin-left", "margin-top")
HIDING = frozenset(
    (
        *MOVED,
        *(
            "display",
            "visibility",
            "opacity",
            "clip",
            "clip-path",
            "transform",
            "font-size",
            "font",
        ),
        *("overflow", "overflow-y", "height", "width", "max-height", "max-width", "color"),
        *("background", "background-color", "background-image"),
    )
)
# Rules that scripts undo when a page has loaded.
UNDONE = re.compile(r"visibility|opacity")
# A page waits for a script where the rest has fewer characters, and is this part of what waits.
LEAST_VISIBLE, LEAST_SHARE = 200, 0.2
# Colours whose parts differ by less, of 255, cannot be told apart.
ALIKE = 24
NAMED_COLOURS = {"white": "#ffffff", "black": "#000000", "snow": "#fffafa", "ivory": "#fffff0"}
RGB = re.compile(r"rgba?\(\s*(\d+)[\s,]+(\d+)[\s,]+(\d+)(?:[\s,/]+([\d.]+%?))?\s*\)")
HSL = re.compile(r"hsla?\(\s*[\d.]+(?:deg)?[\s,]+[\d.]+%[\s,]+([\d.]+)%(?:[\s,/]+([\d.]+%?))?\s*\)")
UNSHOWN_TAGS = frozenset("script style template noscript".split())
VOID = frozenset("area base br col embed hr img input link meta source track wbr".split())


def remove_hidden(tree: HtmlElement, *, fragment: bool = False) -> list[str]:
    """Takes out what the page's own styles hide; returns the text of each such element.

    Rules count whose selectors name tags, classes and ids. What scripts use to make visible later
    stays where almost nothing else would.

    Args:
        tree: It is changed.
        fragment: Whether it is a piece of a page, which waits for no script.
    """
    whole = len(" ".join(tree.text_content().split()))
    styles = _styles(tree)
    hidden = []
    for element in list(tree.iter()):
        if not isinstance(element.tag, str) or element.tag in ("html", "body", "head"):
            continue
        if element.getroottree().getroot() is not tree:
            continue  # within one that is gone
        reason = _why_unseen(element, styles)
        if not reason:
            continue
        text = " ".join(element.text_content().split())
        rest = whole - len(text)
        waits = UNDONE.fullmatch(reason) and rest < min(LEAST_VISIBLE, LEAST_SHARE * len(text))
        if waits and not fragment:
            continue
        if text:
            hidden.append(text)
        if element.getparent() is not None:
            element.drop_tree()
    return hidden


def _styles(tree: HtmlElement) -> dict[HtmlElement, Style]:
    """What each element's style says that may hide it; later rules and its own replace others."""
    found: dict[HtmlElement, dict[str, str]] = {}
    page = ElementIndex(tree)
    for selectors, declarations in _rules(tree):
        if style := _declarations(declarations):
            for selector in selectors.split(","):
                for element in page.matching(selector):
                    found.setdefault(element, {}).update(style)
    for element in tree.xpath("//*[@style]"):
        found.setdefault(element, {}).update(_declarations(element.get("style")))
    return {element: style for element, style in found.items()}


def _declarations(style: str) -> dict[str, str]:
    pairs = (declaration.partition(":") for declaration in style.lower().split(";"))
    told = {name.strip(): value.replace("!important", "").strip() for name, _, value in pairs}
    return {name: value for name, value in told.items() if value and name in HIDING}


def _rules(tree: HtmlElement) -> Iterator[tuple[str, str]]:
    """Selectors and declarations of the page's style sheets that hold on every screen."""
    for sheet in tree.iter("style"):
        yield from _blocks(STYLE_COMMENT.sub("", sheet.text or ""))


def _blocks(sheet: str, level: int = 0) -> Iterator[tuple[str, str]]:
    open_braces = start = 0
    head = ""
    for match in re.finditer(r"[{}]", sheet):
        if match[0] == "{":
            if not open_braces:
                head, start = sheet[start : match.start()].strip(), match.end()
            open_braces += 1
        elif open_braces:
            open_braces -= 1
            if not open_braces:
                inside = sheet[start : match.start()]
                if not head.startswith("@"):
                    yield head, inside
                elif ON_SCREENS.fullmatch(head) and level < 3:
                    yield from _blocks(inside, level + 1)
                start = match.end()


def _why_unseen(element: HtmlElement, styles: Mapping[HtmlElement, Style]) -> str:
    """The property that hides an element; empty if it is seen."""
    style = styles.get(element, {})
    if element.tag == "template" or element.get("hidden") is not None:
        return "hidden"
    return _hiding(style) or ("colour" if _is_invisible_ink(element, style, styles) else "")


def _hiding(style: Style) -> str:
    """The declaration that hides what it is said of; empty if none does."""
    for name, hides in (
        ("display", "none"),
        ("visibility", "hidden|collapse"),
        ("opacity", r"0?\.?0+\d?%?"),
        ("clip", CLIPPED),
        ("clip-path", CLIPPED),
        ("transform", r"scale[xy3d]*\(0[,)\s].*|scale\(0\)"),
    ):
        if re.fullmatch(hides, style.get(name, "")):
            return name
    size = style.get("font-size", "")
    if match := FONT_SIZE.search(style.get("font", "")):
        size = size or match[1]
    if size and (NOTHING.fullmatch(size) or SMALL.fullmatch(size)):
        return "font-size"
    if any(FAR_AWAY.fullmatch(style.get(name, "")) for name in MOVED):
        return "position"
    cut = style.get("overflow", style.get("overflow-y", "")) in ("hidden", "clip")
    sizes = [style.get(name, "") for name in ("height", "width", "max-height", "max-width")]
    return "size" if cut and any(size and NOTHING.fullmatch(size) for size in sizes) else ""


def _is_invisible_ink(
    element: HtmlElement, style: Style, styles: Mapping[HtmlElement, Style]
) -> bool:
    """Whether the text's colour is that of the nearest background that is known, or of paper."""
    written = style.get("color", element.get("color", ""))
    if not written:
        return False
    ink = _colour(written)
    if ink is None:
        return written in ("transparent", "#0000") or bool(_is_see_through(written))
    around: HtmlElement | None = element
    while around is not None:
        paper = _paper(around, styles.get(around, {}))
        if paper and paper not in ("none", "transparent", "inherit"):
            return _alike(_colour(paper), ink)
        around = around.getparent()
    return _alike((255, 255, 255), ink)


def _paper(element: HtmlElement, style: Style) -> str:
    for name in ("background-color", "background", "background-image"):
        if value := style.get(name):
            return value
    return str(element.get("bgcolor", "")).lower()


def _alike(one: tuple[int, int, int] | None, other: tuple[int, int, int]) -> bool:
    return one is not None and all(abs(a - b) < ALIKE for a, b in zip(one, other, strict=True))


def _is_see_through(written: str) -> bool:
    match = RGB.fullmatch(written)
    share = match[4] if match else match2[2] if (match2 := HSL.fullmatch(written)) else None
    return share is not None and float(share.rstrip("%")) == 0


def _colour(written: str) -> tuple[int, int, int] | None:
    """Red, green and blue, each 0..255; None for a colour that is not known or see-through."""
    written = NAMED_COLOURS.get(written.strip().lower(), written.strip().lower())
    if _is_see_through(written):
        return None
    if match := RGB.fullmatch(written):
        return min(int(match[1]), 255), min(int(match[2]), 255), min(int(match[3]), 255)
    if (match := HSL.fullmatch(written)) and match[1] in ("0", "100"):
        grey = round(float(match[1]) * 2.55)
        return grey, grey, grey
    if re.fullmatch(r"#?(?:[\da-f]{3}|[\da-f]{6})", written):
        digits = written.removeprefix("#")
        pairs = [d * 2 for d in digits] if len(digits) == 3 else re.findall("..", digits)
        red, green, blue = (int(pair, 16) for pair in pairs)
        return red, green, blue
    return None


class OpenElements(HTMLParser):
    """Follows the tags of a text that is not a whole page, such as those between words of Markdown.

    Attributes:
        hides: Whether what comes next is within an element that nobody sees.
    """

    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self._open: list[tuple[str, bool]] = []

    @property
    def hides(self) -> bool:
        return any(hidden for _, hidden in self._open)

    def follow(self, markup: str) -> None:
        with suppress(AssertionError):  # some malformed declarations, which open nothing
            self.feed(markup)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in VOID:
            return
        known = dict(attrs)
        style = _declarations(known.get("style") or "")
        ink = _colour(style.get("color", known.get("color") or ""))
        paper = _colour(style.get("background-color", style.get("background", "white")))
        unseen = bool(_hiding(style)) or (ink is not None and _alike(paper, ink))
        see_through = style.get("color") == "transparent" or _is_see_through(style.get("color", ""))
        hidden = tag in UNSHOWN_TAGS or "hidden" in known or unseen or see_through
        self._open.append((tag, hidden))

    def handle_endtag(self, tag: str) -> None:
        names = [name for name, _ in self._open]
        if tag in names:
            del self._open[len(names) - 1 - names[::-1].index(tag) :]


# A tag, and the classes and ids that follow it.
COMPOUND = re.compile(r"(\*|[\w-]*)((?:[.#][\w-]+)*)")


class Compound(NamedTuple):
    """One step of a selector: what an element has to be, and whether its parent is the one before.

    Attributes:
        tag: ``*`` for any.
        ids: All of which it must have.
        classes: All of which it must have.
        child: Whether the step before names its parent, and not any ancestor.
    """

    tag: str
    ids: frozenset[str]
    classes: frozenset[str]
    child: bool

    def fits(self, element: HtmlElement) -> bool:
        return (
            self.tag in ("*", element.tag)
            and self.ids <= {element.get("id")}
            and (not self.classes or self.classes <= set(element.get("class", "").split()))
        )


class ElementIndex:
    """The elements of a page by tag, id and class: most rules of a style sheet concern none."""

    def __init__(self, tree: HtmlElement) -> None:
        self._by: dict[tuple[str, str], list[HtmlElement]] = defaultdict(list)
        for element in tree.iter(etree.Element):
            keys = {("tag", "*"), ("tag", element.tag), ("id", element.get("id", ""))}
            keys |= {("class", name) for name in element.get("class", "").split()}
            for key in keys:
                self._by[key].append(element)

    def matching(self, selector: str) -> Iterator[HtmlElement]:
        """The elements of a selector of tags, classes, ids and their nesting; none of others."""
        steps = _steps(selector)
        if steps:
            last = steps[-1]
            keys = [("id", name) for name in last.ids] + [("class", name) for name in last.classes]
            lists = [self._by.get(key, []) for key in keys or [("tag", last.tag)]]
            yield from (e for e in min(lists, key=len) if last.fits(e) and _is_within(e, steps))


def _is_within(element: HtmlElement, steps: Sequence[Compound]) -> bool:
    """Whether the ancestors of an element fit all steps but the last."""
    places = {element}
    for step, inner in zip(steps[-2::-1], steps[:0:-1], strict=True):
        if inner.child:
            above = {place.getparent() for place in places} - {None}
        else:
            above = {ancestor for place in places for ancestor in place.iterancestors()}
        places = {place for place in above if step.fits(place)}
    return bool(places)


def _steps(selector: str) -> tuple[Compound, ...]:
    """A selector of tags, classes, ids and their nesting; empty for all others."""
    steps: list[Compound] = []
    child = False
    for part in selector.replace(">", " > ").split():
        if part == ">":
            child = True
            continue
        match = COMPOUND.fullmatch(part)
        if not match:
            return ()
        names = re.findall(r"([.#])([\w-]+)", match[2])
        ids, classes = (frozenset(name for sign, name in names if sign == s) for s in "#.")
        steps.append(Compound(match[1].lower() or "*", ids, classes, child))
        child = False
    return tuple(steps)
