"""Takes out the marks that assistants on the web put around sources and names."""

import json
import re

_MARK = re.compile(" ?\ue200([a-z_]*)\ue202?([^\ue200\ue201\n]*)(?:\ue201|$)|[\ue200-\ue20f]", re.MULTILINE)
_BARE = re.compile(
    r" ?(?:\bcite(?:turn\d+[a-z]+\d+)+|:contentReference\[oaicite:\d+\](?:\{index=\d+\})?"
    r"|\[(?:cite:[^\[\]\n]{0,80}|[a-z]+:\d+)\]|<grok:render\b[^\n]{0,400}?</grok:render>"
    r"|【[^【】\n]{0,80}†[^【】\n]{0,80}】)| <sup>\[?\d+\]?</sup>|\[cite_start\]"
)
UNFINISHED = (
    " ?(?:\ue200[^\ue201]{0,400}|\\bc(?:i(?:t(?:e[a-z0-9]{0,80})?)?)?|:(?:c[A-Za-z]{0,16}(?:\\[[^ \n]{0,40})?)?"
    "|【[^】\n]{0,80}|\\[[^\\[\\]\n]{0,80}"
    "|<(?:[a-z:]{0,11}|(?:sup|grok:render)[ >](?:(?!</sup>|</grok:render>)[^\n]){0,400}))| "
)
"""What may be the beginning of a mark, as a pattern."""
_NAMED = ("entity", "url", "link", "link_title", "product_entity")
"""Kinds that stand for a name in the sentence; the others stand for a source, a picture or a list beside it."""


def without_citations(text: str) -> str:
    """The text with each mark of a source gone, and each mark of a name replaced by the name."""
    return _BARE.sub("", _MARK.sub(_name, text))


def _name(found: re.Match[str]) -> str:
    kind, content = found[1] or "", found[2] or ""
    if kind not in _NAMED:
        return ""
    space = " " if found[0].startswith(" ") else ""
    try:
        fields = [field for field in json.loads(content) if isinstance(field, str)]
    except (ValueError, TypeError):
        fields = ["", *content.split("\ue202")][: 1 if kind == "entity" else 2]
    return space + fields[min(1, len(fields) - 1)] if fields else ""
