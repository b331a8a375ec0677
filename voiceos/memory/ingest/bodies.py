"""The text of a mail: the parts meant to be read, decoded, with lines joined."""

import quopri
import re
from base64 import b64decode
from contextlib import suppress
from email.message import Message
from itertools import takewhile

from voiceos.memory.ingest.charsets import decode, decode_markup
from voiceos.memory.ingest.formats import suffix_of
from voiceos.memory.ingest.headers import file_name, parameter
from voiceos.memory.ingest.html import text_of

DEEPEST = 30
"""Parts within parts."""
SHORT, MUCH_LONGER, LONGER = 300, 4, 100
"""Characters of a plain text that may only stand in for the HTML beside it; how many times longer that is then, and
how many characters more.
"""
NO_QUOTATION = "\u200b"
"""Before a line that begins like a quotation, and is none."""
_OTHER_FORMS = ("text/x-amp-html", "text/watch-html")
"""They stand beside others that say the same."""
_MARKED_UP = ("text/html", "text/enriched", "text/richtext")
_BEGINS_HTML = re.compile(r"\s*<(?:!doctype html|html)\b", re.IGNORECASE)
_SOFT_BREAK = re.compile(r"=[ \t]+(?=\r?\n)")
_BASE64 = re.compile(r"[A-Za-z0-9+/]+={0,2}")
_ENCRYPTED = ("application/pgp-encrypted", "application/pkcs7-mime", "application/x-pkcs7-mime")
_SIGNED = re.compile(
    r"-----BEGIN PGP SIGNED MESSAGE-----\n(?:\w+:.*\n)*\n(.*?)\n-----BEGIN PGP SIGNATURE-----.*", re.DOTALL
)


def body(message: Message, depth: int = 0) -> str:
    """The text of a mail or of a part of one; empty for attached files and mails."""
    kind = message.get_content_type()
    inner = message.get_payload()
    if isinstance(inner, list):
        if kind.startswith("message/") or depth > DEEPEST:
            return ""
        parts = [part for part in inner if isinstance(part, Message)]
        if kind == "multipart/alternative":
            return _chosen(parts, depth)
        texts = [body(part, depth + 1) for part in (parts[:1] if kind == "multipart/report" else parts)]
        return "\n\n".join(text for text in texts if text.strip())
    if file_name(message) or message.get_content_disposition() == "attachment":
        return ""
    if kind in _MARKED_UP:
        return text_of(decode_markup(content(message), parameter(message, "charset")))
    return _plain(message) if has_words(message) and kind not in _OTHER_FORMS else ""


def has_words(part: Message) -> bool:
    """Whether a part that is no file is meant to be read as it is: text that no reader knows better."""
    words = (".txt", ".md", ".html")
    return part.get_content_maintype() == "text" and suffix_of("", part.get_content_type()) in ("", *words)


def why_closed(parts: list[Message]) -> str:
    """Why a mail with these parts cannot be read; empty if it can."""
    for part in parts:
        if part.get_content_type() in _ENCRYPTED:
            signed = parameter(part, "smime-type") == "signed-data"
            return "it is signed with S/MIME, which cannot be read" if signed else "it is encrypted"
    return ""


def is_base64(part: Message) -> bool:
    return str(part.get("Content-Transfer-Encoding", "")).strip().lower().startswith("base64")


def content(part: Message) -> bytes:
    """A part's bytes; of base64 up to the first line that is none, such as what a mailing list puts below."""
    with suppress(ValueError, LookupError, AssertionError):
        if not is_base64(part):
            if str(part.get("Content-Transfer-Encoding", "")).strip().lower() == "quoted-printable":
                text = _SOFT_BREAK.sub("=", str(part.get_payload()))
                return quopri.decodestring(text.encode("utf-8", "surrogateescape"))
            payload = part.get_payload(decode=True)
            return payload if isinstance(payload, bytes) else b""
        lines = (line.strip() for line in str(part.get_payload()).splitlines() if line.strip())
        pieces = "".join(takewhile(_BASE64.fullmatch, lines)).split("=")
        if not any(pieces):  # it is what it says it is not
            return str(part.get_payload()).encode("utf-8", "surrogateescape")
        return b"".join(b64decode(piece[: len(piece) - (len(piece) % 4 == 1)] + "==") for piece in pieces)
    return b""


def _chosen(parts: list[Message], depth: int) -> str:
    """Among alternative parts the plain one, unless it is only a placeholder."""
    plain = next(
        (text for part in parts if part.get_content_type() == "text/plain" and (text := body(part, depth))), ""
    )
    if len(plain) > SHORT:
        return plain
    others = [part for part in parts if part.get_content_type() in ("text/html",) or part.is_multipart()]
    rich = next((text for part in reversed(others) if (text := body(part, depth + 1)).strip()), "")
    return rich if len(rich) > MUCH_LONGER * len(plain) + LONGER or not plain.strip() else plain


def _plain(part: Message) -> str:
    text = decode(content(part), parameter(part, "charset")).replace("\r\n", "\n").replace("\r", "\n")
    if found := _SIGNED.search(text):
        text = re.sub(r"^- ", "", found[1], flags=re.MULTILINE)
    if _BEGINS_HTML.match(text):  # whatever it is said to be
        return text_of(text)
    if parameter(part, "format").lower() == "flowed":
        return _unflowed(text, parameter(part, "delsp").lower() == "yes")
    return text


def _unflowed(text: str, delsp: bool) -> str:
    """Lines that end with a blank joined with those that follow (RFC 3676)."""
    whole: list[str] = []
    depth = -1  # of the line that goes on
    for line in text.split("\n"):
        level = len(line) - len(line.lstrip(">"))
        words = line[level:].removeprefix(" ")
        words = NO_QUOTATION * (not level and words.startswith(">")) + words
        is_signature = words == "-- "
        flows = words.endswith(" ") and not is_signature
        shown = words[:-1] if flows and delsp else words
        if level == depth and not is_signature:
            whole[-1] += shown
        else:
            whole.append(f"{'>' * level} {shown}" if level else shown)
        depth = level if flows else -1
    return "\n".join(whole)
