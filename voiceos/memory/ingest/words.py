"""Bytes of any encoding as text: strict where it can be, lenient where it must, and always told."""

import codecs
import io
import re
import tomllib
from collections.abc import Iterator, Sequence
from functools import cache
from importlib.resources import files
from typing import Any, BinaryIO

from voiceos.memory.ingest.reading import Reading, Unreadable

HEAD_BYTES = 65_536
"""What an encoding is guessed from."""
LINE_CHARACTERS = 100_000
"""A line that is longer is cut."""
PART_CHARACTERS = 8_000
"""A longer text becomes several records, cut between paragraphs."""

ENOUGH_STRANGE = 20
"""Bytes beyond ASCII from which a guess is better than Windows' Western one."""

_ENCODINGS: Sequence[str] = (
    "cp1252 cp1250 cp1251 cp1253 cp1254 cp1255 cp1256 koi8_r shift_jis euc_jp gb18030 big5 euc_kr iso8859_2".split()
)
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"),
         (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))  # fmt: skip
_CONTROL = bytes(set(range(32)) - {9, 10, 12, 13, 27})
_UNWANTED = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f\ufffe\uffff\ud800-\udfff]")
_ESCAPED = re.compile("[\udc80-\udcff]")
_SPACE = re.compile(r"[^\S\n]+")
_LINES = re.compile(r"\n\s*\n\s*")


@cache
def wordlist(name: str) -> dict[str, Any]:
    """Words that programs write into files, in many languages: the table `name`.toml beside this file."""
    return tomllib.loads(files(__package__ or "").joinpath(f"{name}.toml").read_text("utf-8"))


def is_binary(head: bytes) -> bool:
    """Whether no person wrote this."""
    if not head or head.startswith(tuple(bom for bom, _ in _BOMS)) or _wide(head):
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
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head, final=whole)
        return "utf-8"
    except UnicodeDecodeError as error:
        if head.count(b"\xc3") + head.count(b"\xe2") > 10 and error.start > len(head) // 2:
            return "utf-8"  # one bad byte in much that is good
    if sum(byte > 127 for byte in head) < ENOUGH_STRANGE:
        return "cp1252"
    from charset_normalizer import from_bytes

    best = from_bytes(head[:16_384], cp_isolation=list(_ENCODINGS)).best()
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


def decode(data: bytes, hint: str = "") -> str:
    """Text of any bytes; `hint` is the encoding that somebody claims."""
    if hint:
        try:
            return clean(data.decode(hint))
        except (LookupError, UnicodeError, ValueError):
            pass
    encoding = encoding_of(data[:HEAD_BYTES], len(data) <= HEAD_BYTES)
    return clean(_mended(data.decode(encoding, errors=_errors(encoding))))


def lines(reading: Reading) -> Iterator[str]:
    """The lines of a text file, without their ends, and without ever holding more than one. Raises Unreadable."""
    with reading.open() as file:
        yield from lines_of(file, reading)


def lines_of(file: BinaryIO, reading: Reading) -> Iterator[str]:
    """As `lines`, of a file that is open, and noting the position."""
    head = file.read(HEAD_BYTES)
    if is_binary(head):
        raise Unreadable("it is binary, not text")
    encoding = encoding_of(head, len(head) < HEAD_BYTES)
    file.seek(0)
    if encoding not in ("utf-8", "utf-8-sig", "ascii"):
        reading.problem(f"it is not UTF-8; it was read as {encoding}")
    told = False
    with io.TextIOWrapper(file, encoding=encoding, errors=_errors(encoding), newline=None) as text:
        for line in iter(lambda: text.readline(LINE_CHARACTERS), ""):
            reading.position = file.tell()
            if _ESCAPED.search(line):
                line = _mended(line)
                if not told:
                    reading.problem("some of its bytes fit no character; they were guessed")
                told = True
            yield clean(line.rstrip("\n"))


def clean(text: str) -> str:
    """Without characters that are none: NUL, half a surrogate pair, controls."""
    return _UNWANTED.sub("", text) if _UNWANTED.search(text) else text


def tidy(text: str) -> str:
    """Each run of spaces as one, and each run of empty lines as one."""
    text = "\n".join(_SPACE.sub(" ", line).strip() for line in text.split("\n"))
    return _LINES.sub("\n\n", text).strip()


def parts(paragraphs: Iterator[str]) -> Iterator[str]:
    """Paragraphs joined to parts of at most `PART_CHARACTERS`."""
    part: list[str] = []
    size = 0
    for paragraph in paragraphs:
        for start in range(0, len(paragraph), PART_CHARACTERS):
            piece = paragraph[start : start + PART_CHARACTERS]
            if size + len(piece) > PART_CHARACTERS and part:
                yield "\n\n".join(part)
                part, size = [], 0
            part.append(piece)
            size += len(piece) + 2
    if part:
        yield "\n\n".join(part)


def paragraphs(source: Iterator[str]) -> Iterator[str]:
    """Lines joined to paragraphs: what stands between empty lines."""
    block: list[str] = []
    size = 0
    for line in source:
        if line.strip() and size < PART_CHARACTERS:
            block.append(line.rstrip())
            size += len(line)
            continue
        if block:
            yield "\n".join(block)
        block, size = ([line.rstrip()], len(line)) if line.strip() else ([], 0)
    if block:
        yield "\n".join(block)


def _errors(encoding: str) -> str:
    """Bytes that fit no character become half surrogates in UTF-8, so that `_mended` finds them."""
    return "surrogateescape" if encoding in ("utf-8", "utf-8-sig") else "replace"


def _mended(text: str) -> str:
    """A byte that fits no character is read as Windows would."""
    return _ESCAPED.sub(lambda found: bytes([ord(found[0]) - 0xDC00]).decode("cp1252", "replace"), text)
