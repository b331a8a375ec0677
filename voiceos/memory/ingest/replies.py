"""What is new in a mail: without the quoted words of others, and without the signature."""

import re

_QUOTED = re.compile(r"\s{0,3}>")
_WROTE = re.compile(
    r"\s*(?:On|Am|Le|El|Il|Op|W dniu|Den|Em|Dne|Dnia|On\s)\b.{3,200}"
    r"(?:wrote|schrieb|écrit|escribió|ha scritto|schreef|napisał\(?a?\)?|skrev|escreveu|napsala?)\b.{0,80}:?\s*$",
    re.IGNORECASE | re.DOTALL,
)
_ORIGINAL = re.compile(
    r"\s*-{2,}\s*(?:Original Message|Original-Nachricht|Ursprüngliche Nachricht|Message d'origine|Mensaje original"
    r"|Messaggio originale|Oorspronkelijk bericht)\s*-{2,}",
    re.IGNORECASE,
)
_HEADER = re.compile(r"\s*\*?(From|Von|De|Da|Van|Od)\s*:\*?\s.{2,}", re.IGNORECASE)
_OTHER_HEADER = re.compile(
    r"\s*\*?(Sent|Date|To|Subject|Gesendet|An|Betreff|Envoyé|À|Objet|Datum|Enviado)\s*:", re.IGNORECASE
)
_SENT_FROM = re.compile(
    r"\s*(Sent from my |Von meinem .{2,40} gesendet|Envoyé de mon |Get Outlook for )", re.IGNORECASE
)


def new_words(text: str) -> str:
    """The words that a mail's writer wrote this time; all of it if there are none, as in a mail that only forwards."""
    kept: list[str] = []
    lines = text.split("\n")
    for number, line in enumerate(lines):
        if line.rstrip("\r") in ("-- ", "--") or _ORIGINAL.match(line) or _is_header_block(lines, number):
            break
        if _SENT_FROM.match(line) and len(lines) - number < 4:
            break
        if not _QUOTED.match(line):
            kept.append(line)
        elif kept and not _QUOTED.match(lines[number - 1]):
            _drop_attribution(kept)
    _drop_attribution(kept, at_end=True)
    return "\n".join(kept).strip() or text.strip()


def _drop_attribution(kept: list[str], at_end: bool = False) -> None:
    """Takes "On Friday Ana wrote:" away, which may stand on two lines, above the words that are quoted."""
    filled = len(kept)
    while filled and len(kept) - filled < 3 and not kept[filled - 1].strip():
        filled -= 1
    for count in (1, 2):
        tail = " ".join(kept[max(0, filled - count) : filled])
        if filled >= count and len(tail) < 400 and _WROTE.match(tail) and (not at_end or tail.rstrip().endswith(":")):
            del kept[filled - count :]
            return


def _is_header_block(lines: list[str], number: int) -> bool:
    """Whether the mail that is answered begins here, as some programs quote it."""
    if not _HEADER.match(lines[number]):
        return False
    following = lines[number + 1 : number + 6]
    return sum(bool(_OTHER_HEADER.match(line)) for line in following) >= 2
