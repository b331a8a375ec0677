"""Decodes bytes of any encoding: as declared if possible, else guessed."""

import codecs
import contextlib
import re
from functools import lru_cache

from voiceos.memory.ingest.tables import wordlist

HEAD_BYTES = 65_536
"""What an encoding is guessed from."""
ENOUGH_STRANGE = 20
"""Bytes beyond ASCII from which a guess is better than Windows' Western one."""

_OF_MANY_BYTES = frozenset("gb18030 cp932 cp949 big5hkscs euc_jp".split())
_ASCII_ONLY = frozenset("hz utf-7 iso2022_kr".split())
"""Encodings that tell everything in bytes of ASCII."""
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"),
         (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))  # fmt: skip
_CONTROL = bytes(set(range(32)) - {9, 10, 12, 13, 27})
_UNWANTED = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f\ufeff\ufffe\uffff\ud800-\udfff]")
_BEYOND_ASCII = re.compile("[^\x00-\x7f]")
_ESCAPED = re.compile("[\udc80-\udcff]")
_KOREAN = b"\x1b$)C"
"""Before Korean in seven bits, which shifts out and in."""
_JIS = re.compile(rb"\x1b(\$\(?[@-Z]|\([A-Z])([^\x1b]*)")
_JIS_BEGINS = (b"\x1b$B", b"\x1b$@", b"\x1b$(", b"\x1b(I")
_MARKUP = re.compile(
    rb"<(?:meta\b[^>]{0,200}?charset|\?xml\b[^>]{0,100}?encoding)\s*=\s*[\"']?([\w.:-]+)", re.IGNORECASE
)


def clean(text: str) -> str:
    """Without NUL, lone surrogates and control characters."""
    return _UNWANTED.sub("", text)


def is_binary(head: bytes) -> bool:
    """Whether this is binary, not text."""
    if not head or head.startswith(tuple(bom for bom, _ in _BOMS)) or _wide(head) or _KOREAN in head:
        return False
    strange = len(head) - len(head.translate(None, _CONTROL))
    return strange > max(4, len(head) // 50)


def encoding_of(head: bytes, whole: bool = False) -> str:
    """The encoding that a text most likely has, from its beginning."""
    for bom, name in _BOMS:
        if head.startswith(bom):
            return name
    if wide := _wide(head):
        return wide
    if any(mark in head for mark in _JIS_BEGINS):
        return "iso2022_jp_ext"
    if _share_of_utf8(codecs.getincrementaldecoder("utf-8")("surrogateescape").decode(head, final=whole)) > 0.5:
        return "utf-8"
    if sum(byte > 127 for byte in head) < ENOUGH_STRANGE:
        return "cp1252"
    from charset_normalizer import from_bytes

    best = from_bytes(head[:16_384], cp_isolation=wordlist("charsets")["guessed"]).best()
    return best.encoding if best and best.encoding not in ("ascii", "utf_8") else "cp1252"


def _wide(head: bytes) -> str:
    """UTF-16 without a mark: every other byte of Latin text is zero."""
    if len(head) < 4:
        return ""
    even, odd = head[0:400:2].count(0), head[1:400:2].count(0)
    half = len(head[:400]) // 2
    if odd > half * 0.7 and even < half * 0.1:
        return "utf-16-le"
    return "utf-16-be" if even > half * 0.7 and odd < half * 0.1 else ""


def decode(data: bytes, claimed: str = "") -> str:
    """Text of any bytes; `claimed` is the encoding that they are said to have."""
    name = _known(claimed)
    if b"\x1b" in data and any(mark in data for mark in _JIS_BEGINS) and name != "iso2022_kr":
        return clean(_of_jis(data))
    if data.isascii() and name not in _ASCII_ONLY and not name.startswith("utf-16"):
        return clean(data.decode())
    if name and not data.startswith(codecs.BOM_UTF8):
        if name not in _OF_MANY_BYTES | _ASCII_ONLY and not name.startswith("utf"):
            with contextlib.suppress(UnicodeDecodeError):
                return clean(data.decode())
        text = data.decode(name, errors_for(name))
        if name.startswith("utf-8") and _share_of_utf8(text) > 0.4:
            return clean(mended(text))
        if not _ESCAPED.search(text) and text.count("\ufffd") <= (len(data) // 50 if name in _OF_MANY_BYTES else 0):
            return clean(text)
    encoding = encoding_of(data[:HEAD_BYTES], len(data) <= HEAD_BYTES)
    return clean(mended(data.decode(encoding, errors_for(encoding))))


def _share_of_utf8(text: str) -> float:
    """Of the characters beyond ASCII in a text, the share that is UTF-8; of another encoding hardly any is."""
    return 1 - len(_ESCAPED.findall(text)) / max(1, len(_BEYOND_ASCII.findall(text)))


def decode_markup(data: bytes, claimed: str = "") -> str:
    """Text of HTML or XML, which may name its encoding itself."""
    found = None if claimed else _MARKUP.search(data[:4_096])
    return decode(data, found[1].decode("ascii", "replace") if found else claimed)


def errors_for(encoding: str) -> str:
    """Bytes that fit no character become half surrogates in UTF-8, so that `mended` finds them."""
    return "surrogateescape" if encoding in ("utf-8", "utf-8-sig") else "replace"


def mended(text: str) -> str:
    """A byte that fits no character is read as Windows would."""
    return _ESCAPED.sub(lambda found: bytes([ord(found[0]) - 0xDC00]).decode("cp1252", "replace"), text)


@lru_cache(maxsize=256)
def _known(claimed: str) -> str:
    """Python's name for an encoding; empty if it is unknown."""
    name = claimed.partition("*")[0].strip("'\" ").lower()
    meant = next((codec for codec, names in wordlist("charsets")["meant"].items() if name in names.split()), name)
    try:
        found = codecs.lookup(meant)
        "".encode(found.name)
    except (LookupError, ValueError, UnicodeError):
        return ""
    return found.name if name else ""


def _of_jis(data: bytes) -> str:
    """ISO-2022-JP with the letters that Windows adds to it, which no codec of Python's knows."""
    begin = data.find(b"\x1b")
    text = [data[:begin].decode("ascii", "replace")]
    for kind, piece in _JIS.findall(data[begin:]):
        if kind.startswith(b"$"):
            piece = re.sub(rb"[\x21-\x7e]{2}", lambda found: _shifted(*found[0]), piece)
        elif kind == b"(I":
            piece = bytes(byte | 0x80 if byte > 32 else byte for byte in piece)
        text.append(piece.decode("cp932", "replace"))
    return "".join(text)


def _shifted(row: int, cell: int) -> bytes:
    """A letter of JIS as Shift-JIS has it."""
    lead = ((row - 0x21) >> 1) + 0x81
    trail = cell + 0x7E if row % 2 == 0 else cell + 0x1F + (cell >= 0x60)
    return bytes((lead if lead < 0xA0 else lead + 0x40, trail))
