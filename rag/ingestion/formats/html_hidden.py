"""What no reader of a page sees: text that its styles hide, shrink, move away or paint over."""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import suppress
from html.parser import HTMLParser

from lxml.html import HtmlElement

from rag.ingestion.formats.css_selectors import ElementIndex

STYLE_COMMENT = re.compile(r"/\*.{0,5000}?\*/", re.DOTALL)
# Conditions under which a rule holds on every screen.
ON_SCREENS = re.compile(r"@media\s+(?:only\s+)?(?:screen|all)\s*|@layer.*|@supports.*", re.DOTALL)
Style = Mapping[str, str]
ESCAPE = re.compile(r"\\([0-9a-f]{1,6})\s?")
NUMBER = r"(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?"
AMOUNT = re.compile(rf"(?:calc\(\s*)?\+?({NUMBER})(px|pt|em|rem|%|vw|vh)?\s*\)?")
# A font is seen from this size, a box from one pixel, and anything from this opacity.
LEAST_FONT: Mapping[str, float] = {
    **{"px": 2, "pt": 2, "%": 10},
    **dict.fromkeys(("em", "rem", "vw", "vh"), 0.1),
}
LEAST_OPACITY = 0.1
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
            "filter",
            "zoom",
            "content-visibility",
        ),
        *("overflow", "overflow-y", "height", "width", "max-height", "max-width", "color"),
        *("background", "background-color", "background-image", "-webkit-text-fill-color"),
    )
)
# Rules that scripts undo when a page has loaded.
UNDONE = re.compile(r"visibility|opacity")
# A page waits for a script where the rest has fewer characters, and is this part of what waits.
LEAST_VISIBLE, LEAST_SHARE = 200, 0.2
# Colours whose parts differ by less, of 255, cannot be told apart.
ALIKE = 24
# Those by name that are alike to white, and black.
NAMED_COLOURS = {
    **{"white": "#fff", "snow": "#fffafa", "ivory": "#fffff0", "ghostwhite": "#f8f8ff"},
    **{"whitesmoke": "#f5f5f5", "floralwhite": "#fffaf0", "mintcream": "#f5fffa"},
    **{"azure": "#f0ffff", "aliceblue": "#f0f8ff", "seashell": "#fff5ee", "honeydew": "#f0fff0"},
    **{"lavenderblush": "#fff0f5", "black": "#000"},
}
PART = rf"({NUMBER}%?)"
RGB = re.compile(rf"rgba?\(\s*{PART}[\s,]+{PART}[\s,]+{PART}(?:[\s,/]+{PART})?\s*\)")
HSL = re.compile(rf"hsla?\(\s*{NUMBER}(?:deg)?[\s,]+{PART}[\s,]+{PART}(?:[\s,/]+{PART})?\s*\)")
HEX = re.compile(r"#?([\da-f]{3}|[\da-f]{6})|#([\da-f]{4}|[\da-f]{8})")
NO_PAPER = frozenset("none transparent inherit initial unset revert".split())
# One value of several.
TOKEN = re.compile(r"[\w-]+\([^()]*\)|[^\s,()]+")
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
    plain = ESCAPE.sub(_character, STYLE_COMMENT.sub("", style.lower()))
    pairs = (declaration.partition(":") for declaration in plain.split(";"))
    told = {name.strip(): value.replace("!important", "").strip() for name, _, value in pairs}
    return {name: value for name, value in told.items() if value and name in HIDING}


def _character(escape: re.Match[str]) -> str:
    return chr(min(int(escape[1], 16), sys.maxunicode)).lower()


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
                # After what ends before it, such as an import.
                head = sheet[start : match.start()].rpartition(";")[2].strip()
                start = match.end()
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
    if element.tag == "dialog" and element.get("open") is None:
        return "hidden"
    return _hiding(style) or ("colour" if _is_invisible_ink(element, style, styles) else "")


def _hiding(style: Style) -> str:
    """The declaration that hides what it is said of; empty if none does."""
    for name, hides in (
        ("display", "none"),
        ("visibility", "hidden|collapse"),
        ("content-visibility", "hidden"),
        ("clip", CLIPPED),
        ("clip-path", CLIPPED),
        ("transform", r"scale[xy3d]*\(0[,)\s].*|scale\(0\)"),
    ):
        if re.fullmatch(hides, style.get(name, "")):
            return name
    faded = style.get("filter", "").removeprefix("opacity(").removesuffix(")")
    if min(_fraction(style.get("opacity", "")), _fraction(faded)) < LEAST_OPACITY:
        return "opacity"
    size = style.get("font-size", "")
    if match := FONT_SIZE.search(style.get("font", "")):
        size = size or match[1]
    if _is_below(size, LEAST_FONT) or _fraction(style.get("zoom", "")) == 0:
        return "font-size"
    if any(FAR_AWAY.fullmatch(style.get(name, "")) for name in MOVED):
        return "position"
    cut = style.get("overflow", style.get("overflow-y", "")) in ("hidden", "clip")
    sizes = [style.get(name, "") for name in ("height", "width", "max-height", "max-width")]
    return "size" if cut and any(_is_below(size, {"px": 1.5}) for size in sizes) else ""


def _fraction(value: str) -> float:
    """A number or percentage; 1 if it is neither."""
    match = AMOUNT.fullmatch(value)
    return float(match[1]) / (100 if match[2] == "%" else 1) if match else 1.0


def _is_below(value: str, least: Mapping[str, float]) -> bool:
    """Whether a length is nothing, or less than the least of its unit."""
    match = AMOUNT.fullmatch(value)
    return match is not None and (
        float(match[1]) == 0 or float(match[1]) < least.get(match[2] or "", 0)
    )


def _is_invisible_ink(
    element: HtmlElement, style: Style, styles: Mapping[HtmlElement, Style]
) -> bool:
    """Whether the text's colour is that of the nearest background that is known, or of paper."""
    written = style.get(
        "-webkit-text-fill-color", style.get("color", element.get("color", "").lower())
    )
    if not written:
        return False
    if _is_see_through(written):
        return True
    ink = _colour(written)
    around: HtmlElement | None = element
    while around is not None:
        paper = _paper(around, styles.get(around, {}))
        if paper and paper not in NO_PAPER:
            parts = TOKEN.findall(paper)
            return written in parts or any(_alike(_colour(part), ink) for part in parts)
        around = around.getparent()
    return _alike((255, 255, 255), ink)


def _paper(element: HtmlElement, style: Style) -> str:
    for name in ("background-color", "background", "background-image"):
        if value := style.get(name):
            return value
    return str(element.get("bgcolor", "")).lower()


def _alike(one: tuple[int, ...] | None, other: tuple[int, ...] | None) -> bool:
    if one is None or other is None:
        return False
    return all(abs(a - b) < ALIKE for a, b in zip(one, other, strict=True))


def _is_see_through(written: str) -> bool:
    if written == "transparent":
        return True
    if (match := HEX.fullmatch(written)) and match[2]:
        return not match[2][3 * len(match[2]) // 4 :].strip("0")
    match = RGB.fullmatch(written) or HSL.fullmatch(written)
    share = match[match.re.groups] if match else None
    return share is not None and _fraction(share) == 0


def _colour(written: str) -> tuple[int, ...] | None:
    """Red, green and blue, each 0..255; None for a colour that is not known or see-through."""
    written = NAMED_COLOURS.get(written.strip().lower(), written.strip().lower())
    if _is_see_through(written):
        return None
    if match := RGB.fullmatch(written):
        return tuple(
            min(round(_fraction(part) * (255 if "%" in part else 1)), 255)
            for part in match.group(1, 2, 3)
        )
    if (match := HSL.fullmatch(written)) and _fraction(match[2]) in (0, 1):
        return (round(_fraction(match[2]) * 255),) * 3
    if match := HEX.fullmatch(written):
        digits = match[1] or match[2]
        pairs = [d * 2 for d in digits] if len(digits) < 5 else re.findall("..", digits)
        return tuple(int(pair, 16) for pair in pairs[:3])
    return None


class OpenElements(HTMLParser):
    """Follows the tags of a text that is not a whole page, such as those between words of Markdown.

    Attributes:
        hides: Whether what comes next is within an element that nobody sees.
    """

    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self._open: list[tuple[str, bool]] = []
        # How many elements of each name, and how many that hide, are open.
        self._names: Counter[str] = Counter()
        self._hiding = 0

    @property
    def hides(self) -> bool:
        return self._hiding > 0

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
        see_through = _is_see_through(style.get("color", ""))
        hidden = tag in UNSHOWN_TAGS or "hidden" in known or unseen or see_through
        self._open.append((tag, hidden))
        self._names[tag] += 1
        self._hiding += hidden

    def handle_endtag(self, tag: str) -> None:
        closed = "" if self._names[tag] else tag
        while closed != tag:
            closed, hidden = self._open.pop()
            self._names[closed] -= 1
            self._hiding -= hidden
