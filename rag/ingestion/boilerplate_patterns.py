"""What page furniture looks like, paragraph by paragraph: the rules as data.

A rule of ``ALWAYS`` decides by the whole paragraph alone: no article is written in such lines.
The words of ``AT_EDGE`` could be an article's own headings; they are furniture only at the edges of
a page, next to other furniture. Every pattern is matched against short paragraphs from their first
character, so that a word inside a sentence never counts.
"""

from __future__ import annotations

import re

# No label or button is longer; longer paragraphs are not looked at.
LONGEST_LABEL = 300
# Forms are scraped as one long line.
LONGEST_FORM = 900

STRAIGHT = str.maketrans("‘’‚“”„–—‐‑\u00a0", "'''\"\"\"---- ")
MARKS = " \t:.!…*•·|»«›‹>→←↓#+-"


def folded(paragraph: str) -> str:
    """Lower case, straight quotation marks, no punctuation or arrows around: for comparison."""
    return paragraph.casefold().translate(STRAIGHT).strip(MARKS)


def phrases(text: str) -> frozenset[str]:
    """The phrases that commas separate."""
    return frozenset(" ".join(phrase.split()) for phrase in text.split(","))


SHARE_WORDS = frozenset(
    """share tweet pin pinterest facebook twitter x whatsapp reddit email e-mail linkedin telegram
    copy link print flipboard messenger pocket tumblr threads bluesky mastodon sms save this on via
    instagram youtube rss tiktok mail url sharethis article post page""".split()
)
NETWORKS = SHARE_WORDS - frozenset("copy link print save this on via article post page url".split())

CATEGORIES = phrases(
    """
    ai, artificial intelligence, analysis, apps, art, arts, automotive, biotech, blockchain,
    blog, breaking news, business, cars, climate, cloud, crypto, cryptocurrency, culture,
    cybersecurity, data science, deep learning, economy, education, energy, enterprise,
    entertainment, environment, fashion, featured, features, finance, food, gadgets, gaming,
    general, hardware, health, innovation, insights, internet, latest news, leadership,
    lifestyle, local, machine learning, markets, media, mobile, money, movies, music, news,
    opinion, other, policy, politics, press release, programming, research, reviews, robotics,
    science, security, social media, software, space, sport, sports, standard, startups,
    stories, style, tech, tech news, technology, top stories, travel, trending, tv, u.s, uk,
    uncategorized, uncategorised, us, video, world, world news
    """
)

NAVIGATION = phrases(
    """
    about, about us, account, advertise, advertise with us, all rights reserved, archives, back,
    back to top, careers, close, close menu, contact, contact us, cookie policy, cookie
    settings, dark mode, do not sell my personal information, donate, faqs, follow us, help,
    home, homepage, jump to content, light mode, log in, log out, login, main menu, menu, my
    account, navigation, newsletter, newsletters, next, next article, next post, next story,
    open menu, post navigation, previous, previous article, previous post, previous story,
    primary menu, privacy, privacy policy, register, rss, scroll to top, search, search for,
    sections, shop, sign in, sign up, site map, sitemap, skip navigation, skip to content, skip
    to main content, social media, social links, submit, subscribe, switch skin, table of
    contents, terms, terms & conditions, terms and conditions, terms of service, terms of use,
    toggle menu, toggle navigation, top
    """
)

# Labels of the form below an article. Those of COMMENT_FORM stand nowhere else.
COMMENT_LABELS = phrases(
    """
    add a comment, add comment, add your comment, be the first to comment, cancel reply,
    comment, comments, discussion, join the conversation, join the discussion, leave a comment,
    leave a reply, leave your comment, load more comments, load comments, log in to comment, log
    in to reply, login to comment, no comments, no comments yet, post a comment, post a reply,
    post comment, post your comment, reply, show comments, sign in to comment, sign in to join
    the conversation, submit a comment, submit comment, view comments, view all comments, write
    a comment, your comment
    """
)
FORM_FIELDS = phrases("name, email, e-mail, website, your name, your email, your message, message")

COMMENT_FORM = re.compile(
    r"your e-?mail (?:address )?will not be (?:published|shown|shared)"
    r"|required fields are marked|save my name,? (?:and )?e-?mail"
    r"|you must (?:be )?(?:logged|log|sign|signed) ?in to (?:post|leave|reply|write|add|comment)"
    r"|please (?:log|sign) ?in to (?:comment|reply|post|leave|join)"
    r"|this site uses akismet|comments are (?:closed|moderated|disabled)"
    r"|notify me of (?:new posts|follow-?up comments)|\d+ thoughts? on [\"']"
)

# Words that show a sentence to tell of something, not to ask the reader for it.
REPORT = re.compile(
    r"\b(?:said|says|asked|asks|told|tells|wrote|writes|reads?|added|advises|advised|called)\b"
    r"(?! the (?:article|story))"
)
POLITE = (
    r"(?:(?:please|so|and|now|also|then|feel free to|(?:do not|don't) forget to|be sure to|"
    r"make sure to|remember to|why not|if you (?:liked|like|enjoyed|enjoy|found)[^,.]{0,80},)\s+)*"
)
SUBSCRIBE = re.compile(
    POLITE + r"(?:(?:sign up|subscribe|register|opt in)\b[^.!?]{0,60}"
    r"\b(?:our|my|this|free|daily|weekly|us)\b"
    r"[^.!?]{0,80}\b(?:newsletters?|mailing list|e-?mails?|channel|updates|alerts|podcast"
    r"|feed|inbox|"
    r"bulletin|digest|briefing)"
    r"|subscribe (?:now|today|here|to (?:us|our [^.!?]{1,60}))$"
    r"|subscribe (?:to|for) (?:the|our) newsletter|subscribe to continue|sign up here"
    r"|sign up (?:now|today|for (?:the|our) newsletter)"
    r"|join our (?:newsletter|mailing list|telegram|whatsapp|discord|community|channel)"
    r"|get (?:the|our|your) [^.!?]{0,80}(?:in|to|into) your inbox"
    r"|(?:follow|like|find|join) (?:us|@\w+|our page)\b[^.!?]{0,40}\b"
    r"(?:on|at|facebook|twitter|x|instagram|linkedin|youtube|telegram)\b"
    r"|(?:follow|like|find) us$|stay connected$|stay (?:updated|informed) with our (?:news"
    r"|daily|free)"
    r"|click here (?:to (?:sign up|subscribe|get|download|read|view|join|follow|see)|for more)\b"
    r"|(?:for|like) [^.]{0,100}\bclick here\b|app users click here|download our (?:free )?app\b"
    r"|enter (?:your )?e-?mail"
    r"|if you (?:liked?|enjoy(?:ed)?|found)[^.]{0,80}\b(?:share|subscribe|follow)\b[^.]{0,100}$)"
)
SHARE_CALL = re.compile(
    POLITE + r"share (?:this|our|the) (?:article|post|story|page|video|news|entry|piece|content)\b"
    r"[^.!?]{0,90}$"
    rf"|{POLITE}share (?:it|this|on|via|with) ?(?:with your (?:friends|network|followers)|"
    r"facebook|twitter|x|linkedin|whatsapp|pinterest|reddit|telegram|email)?[^.!?]{0,20}$"
    r"|click to (?:share|email|print)\b"
    r"|sharing is caring|spread the word$"
)

COOKIES = re.compile(
    r"(?:we|this (?:web)?site|our (?:web)?site|the (?:web)?site)(?: and our partners)? (?:use"
    r"|uses|store)"
    r"\b[^.!?]{0,60}\bcookies\b"
    r"|by (?:continuing|using|browsing|clicking)\b[^.!?]{0,100}\b(?:cookies|privacy policy"
    r"|terms of)\b"
    r"|(?:accept|reject|manage|allow)(?: all)?(?: (?:cookies|preferences|choices|settings))$"
    r"|(?:accept|reject|allow) all$|got it$"
)
COOKIE_PURPOSE = re.compile(
    r"experience|consent|accept|agree|policy|continu|brows|personali[sz]|traffic|analy[sz]e"
    r"|improve|ads"
)

ADVERT = re.compile(
    r"(?:- )?(?:advertisements?|advertising|sponsored(?: (?:content|post|links?))?|ad|"
    r"promoted(?: content)?|paid content)(?: -)?(?: (?:\d+ of \d+|close))?"
    r"(?: (?:article|story|content|scroll to)? ?continues?(?: reading)? below.{0,30})?$"
    r"|(?:article|story|text|content) continues (?:below|after)(?: (?:this "
    r"|the )?ad(?:vert(?:isement)?)?)?$"
    r"|advertisement - (?:scroll|continue|article|story).{0,40}$"
    r"|(?:scroll|continue reading) (?:down )?(?:to continue|below|after).{0,40}$"
    r"|skip (?:past )?(?:newsletter promotion|advertisement|ad)\b|after newsletter promotion$"
    r"|(?:this (?:article|post|page) (?:may )?contains? affiliate links?).{0,120}$"
)
COUNTS = re.compile(
    r"(?:(?:post |page |total )?(?:views?|shares?|comments?|likes?|reads?"
    r"|hits)\s*[:(]\s*[\d.,]+\s*[km]?\)?"
    r"|[\d.,]+\s*[km]?\s*(?:total )?(?:views?|shares?|comments?|likes?|reads?|claps?|retweets?)"
    r"|share \d+)"
    r"(?:\s*[-|,·•]?\s*(?:views?|shares?|comments?|likes?|[\d.,]+\s*[km]?)[:\s]*)*$"
)
READING_TIME = re.compile(
    r"(?:(?:est(?:imated|\.)? )?read(?:ing)?(?: time)?\s*[:-]?\s*)?(?:about |~)?\d+\s*[- ]?"
    r"min(?:ute)?s?\.?(?: (?:of )?read(?:ing)?(?: time)?)$"
    r"|(?:estimated )?read(?:ing)? time\s*[:-]?\s*(?:about |~)?\d+\s*(?:min(?:ute)?s?\.?)?$"
)
TAGS = re.compile(
    r"(?:post )?(?:tags?|tagged(?: (?:with|as|in))?|filed under|posted in|categor(?:y|ies)|"
    r"keywords|hashtags|more on this topic|labels)\s*:\s*\S.{0,250}$"
    r"|(?:filed under|tagged(?: (?:with|as))?|posted in)\s+\S[^.]{0,150}$"
    r"|#?\w+(?:[ ,]+#\w+)+$"
)
COPYRIGHT = re.compile(
    r"(?:copyright\s*)?(?:©|\(c\))\s*\S.{0,200}$|copyright\s+(?:of .{0,60})?\d{4}\b.{0,150}$"
    r"|all rights reserved\b.{0,120}$|.{0,150}\ball rights reserved$"
    r"|(?:proudly )?powered by (?:wordpress|ghost|blogger|drupal|medium)\b.{0,60}$"
    r"|(?:wordpress )?theme(?: by|:) [^.]{1,60}$"
)
CREDIT = re.compile(
    r"\(?(?:(?:top |file |cover |header |featured )?(?:photo(?:graph)?|image|picture|illustration|"
    r"graphic|video)s?(?: (?:credit|source|courtesy|by|via))?s?(?:\s*:\s*|(?<=by) |(?<=via) )"
    r"|(?:photo|image|picture) courtesy(?: of)? )[^.!?;:]{1,70}\)?$"
    r"|\(?(?:ap photo|getty images|reuters|shutterstock|istock(?:photo)?|unsplash|afp)"
    r"(?:/[^.!?;:]{1,50})?\)?$"
)
THEME = re.compile(
    r"(?:light|dark|auto|system)(?:\s*[/|,]?\s*(?:light|dark|auto|system))+(?: mode)?$"
    r"|(?:toggle|switch)(?: to)? (?:dark|light)?\s*(?:mode|theme|skin)$|(?:color"
    r"|colour) (?:theme|scheme)$"
)
FORM = re.compile(r"\{\{\s*[#^/]|please enter a valid e-?mail|by signing up you (?:will|agree)")
CRUMBS = re.compile(r"(?:you are here:? )?home\s*[>»/›|]\s*\S.{0,150}$")
READ_MORE = re.compile(
    r"(?:(?:read|see|watch|listen|learn|explore) (?:more|next|also)|also read"
    r"|related(?: (?:articles?|"
    r"stor(?:y|ies)|posts?|coverage|reading|news|content|topics))?|recommended(?: reading)?|"
    r"don't miss|in case you missed it|up next|you may also like)\s*[:|]\s*\S.{0,220}$"
)
# "MORE: …" in capitals is a pointer, and so is "More from" a name; "More: a life" is a title.
MORE_POINTER = re.compile(
    r"(?:MORE|READ MORE|RELATED|WATCH|ALSO|NEXT)(?: [A-Z]{2,})*\s*[:|]\s*\S.{0,220}$"
    r"|[Mm]ore from [A-Z][^:]{1,40}: [A-Z0-9“\"].{0,200}[^.]$"
)
BUTTONS = re.compile(
    r"(?:read|show|load|view|see) (?:more|less|all|full (?:article|story|bio))$"
    r"|continue reading$|read (?:the )?full (?:article|story)$|click to (?:expand|enlarge)$|print$"
)

ALWAYS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("advertisement", ADVERT),
    ("theme switch", THEME),
    ("count", COUNTS),
    ("reading time", READING_TIME),
    ("tags", TAGS),
    ("copyright", COPYRIGHT),
    ("photo credit", CREDIT),
    ("breadcrumbs", CRUMBS),
    ("pointer to another article", READ_MORE),
)
# These are whole sentences, and quoted or reported ones are the article's own.
ALWAYS_UNLESS_REPORTED: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("share call", SHARE_CALL),
    ("subscribe call", SUBSCRIBE),
)
BUTTON_LABELS = phrases(
    """
    like loading,
    back to top, be the first to comment, cancel reply, close menu, jump to content, load more
    comments, log in to comment, no comments yet, open menu, post navigation, scroll to top,
    skip navigation, skip to content, skip to main content, switch skin, toggle menu, toggle
    navigation
    """
)


def always_furniture(paragraph: str) -> str | None:
    """The name of the rule by which a paragraph is furniture wherever it stands, or None."""
    if len(paragraph) > LONGEST_FORM:
        return None
    text = folded(paragraph)
    if FORM.search(text):
        return "subscribe call"
    if len(paragraph) > LONGEST_LABEL or not text:
        return None
    if COMMENT_FORM.match(text):
        return "comment form"
    if COOKIES.match(text) and (len(text) < 40 or COOKIE_PURPOSE.search(text)):
        return "cookie banner"
    if _is_share_bar(text):
        return "share call"
    if text in BUTTON_LABELS:
        return "navigation"
    plain = text.replace("(", "").lstrip() if text.startswith("(") else text
    for rule, pattern in ALWAYS:
        if pattern.match(text) or (rule == "photo credit" and pattern.match(plain)):
            return rule
    if MORE_POINTER.match(paragraph):
        return "pointer to another article"
    return _call(paragraph, text)


SLOGAN = re.compile(r"[^.!?]{3,50}[.!?] (?=[^.!?]+$)")


def _call(paragraph: str, text: str) -> str | None:
    if '"' in text or REPORT.search(text):
        return None
    # A slogan may stand above the call: "Never miss a story."
    slogan = SLOGAN.match(text)
    starts = (0, slogan.end()) if slogan else (0,)
    for rule, pattern in ALWAYS_UNLESS_REPORTED:
        if any(pattern.match(text, start) for start in starts):
            return rule
    return None


def _is_share_bar(text: str) -> bool:
    """Whether a line holds names of networks and sharing verbs only, two networks at least."""
    words = re.split(r"[\s,|/·•]+", text)
    return (
        2 <= len(words) <= 20
        and all(word in SHARE_WORDS for word in words)
        and sum(word in NETWORKS for word in words) >= 2
    )


def edge_furniture(paragraph: str) -> str | None:
    """The rule by which a paragraph is furniture where it touches other furniture, or None."""
    if len(paragraph) > LONGEST_LABEL:
        return None
    text = folded(paragraph)
    base = re.sub(r"\s*\(\d+\)$", "", text)
    if base in COMMENT_LABELS or text in FORM_FIELDS:
        return "comment form"
    if text in NAVIGATION or BUTTONS.match(text):
        return "navigation"
    if text in SHARE_WORDS:
        return "share call"
    if text in ("light", "dark", "auto", "system", "theme", "appearance"):
        return "theme switch"
    if not text and paragraph:
        return "ornament"
    return None
