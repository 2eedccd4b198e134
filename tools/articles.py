"""The text of an article: what a person sees, and nothing else.

Whoever writes a feed also writes its hidden markup. A comment or an invisible span is not something the
source says to its readers, so it is gone before anybody quotes it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from trafilatura import extract, load_html

_PAGE = re.compile(r"<(?:!doctype\s+html|html|body)\b", re.IGNORECASE)
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_CSS_COMMENT = re.compile(r"/\*.*?(?:\*/|\Z)", re.DOTALL)
_HIDING = re.compile(
    r"(?<![\w-])(?:display\s*:\s*none"
    r"|visibility\s*:\s*(?:hidden|collapse)"
    r"|(?:font-size|opacity|(?:max-)?(?:height|width))\s*:\s*(?:0+(?:\.0\d*)?|\.0\d*)(?:[a-z]+|%)?\s*(?:;|!|$)"
    r"|(?:font-size|(?:max-)?(?:height|width))\s*:\s*1px"
    r"|color\s*:\s*(?:transparent|(?:rgb|hsl)a\([^)]*[,/]\s*0*\.?0*%?\s*\))"
    r"|(?:text-indent|left|right|top|margin-left)\s*:\s*-\d{3,}|clip(?:-path)?\s*:\s*(?:rect\(\s*0|inset\())"
)
_COLOUR = re.compile(r"(?<![\w-])(background(?:-color)?|color)\s*:\s*([^;!]+)")

# Characters without a glyph of their own: soft hyphens, zero-width and direction marks, variation selectors
# and the tag block, all of which carry text past a person's eye.
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e0fff]"
)
_GAP = re.compile(r"[\s\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]+")

_SILENT = re.compile(
    "script|style|template|noscript|noframes|noembed|iframe|object|audio|video|canvas|head|title"
)
_BLOCK = re.compile(
    "address|article|aside|blockquote|br|caption|dd|details|div|dl|dt|fieldset|figcaption|figure|footer|form"
    "|h[1-6]|header|hr|legend|li|main|nav|ol|option|p|pre|section|summary|table|td|th|tr|ul"
)

_CYRILLIC = re.compile(r"[\u0400-\u052f]")
_RUSSIAN = re.compile(r"[а-яё]", re.IGNORECASE)
_LATIN = re.compile(r"[A-Za-z\u00c0-\u024f]")
_ENGLISH = re.compile(r"\b(?:the|of|and|to|is|for|with|that|from|by|has|its)\b", re.IGNORECASE)


def visible_text(html: str) -> str:
    """The visible text of a page or of a fragment such as a feed's description.

    Of a whole page only the article is kept (trafilatura); of a fragment everything a person sees. Lines
    are paragraphs; white space within a line is one space. Hidden is what the markup itself says: comments,
    `hidden`, `aria-hidden`, inline display, visibility, opacity, sizes, places and colours. A style
    sheet is not read.
    """
    is_page = bool(_PAGE.search(html))
    root = load_html(html if is_page else f"<html><body><div>{html}")
    if root is None:
        return plain_text(html)
    for element in [element for element in root.iterdescendants() if _is_hidden(element.tag, element.attrib)]:
        element.drop_tree()
    return _tidy((is_page and extract(root, include_comments=False)) or _all_text(root))


def plain_text(text: str) -> str:
    """Text that is not HTML, without comments and unseen characters, its white space normalised."""
    return _tidy(_COMMENT.sub(" ", text))


def language(text: str) -> str | None:
    """`ru` or `en`; None when neither the letters nor the small words say so."""
    cyrillic, latin = len(_CYRILLIC.findall(text)), len(_LATIN.findall(text))
    # Russian news is full of Latin brand names; English news has few Cyrillic words.
    if cyrillic > 0.4 * latin:
        # Ukrainian or Kazakh shows in letters that Russian lacks; one foreign name does not.
        return "ru" if len(_RUSSIAN.findall(text)) >= 0.97 * cyrillic else None
    return "en" if latin and _ENGLISH.search(text) else None


def _is_hidden(tag: str, attributes: Mapping[str, str]) -> bool:
    if (
        _SILENT.fullmatch(tag)
        or "hidden" in attributes
        or attributes.get("aria-hidden", "").lower() == "true"
    ):
        return True
    style = _CSS_COMMENT.sub("", attributes.get("style", "").lower())
    return bool(_HIDING.search(style)) or _of_one_colour(style)


def _of_one_colour(style: str) -> bool:
    """Whether its letters have the colour of its ground."""
    told = {name.removesuffix("-color"): value.strip() for name, value in _COLOUR.findall(style)}
    return "color" in told and told["color"] == told.get("background")


def _all_text(root: Any) -> str:
    """The text of an lxml tree with a line break around each block; the tree is used up."""
    for element in root.iter():
        edge = "\n" if _BLOCK.fullmatch(element.tag) else ""
        element.text = edge + _GAP.sub(" ", element.text or "")
        element.tail = edge + _GAP.sub(" ", element.tail or "")
    return str(root.text_content())


def _tidy(text: str) -> str:
    lines = (_GAP.sub(" ", line).strip() for line in _INVISIBLE.sub("", text).splitlines())
    return "\n".join(line for line in lines if line)
