"""English fractions, ranges, telephone numbers and codes as they are said."""

import re
import unicodedata

from voiceos.language.data import table
from voiceos.language.en.counting import cardinal, ordinal, signed
from voiceos.language.en.measures import UNITS, plural

_ROMAN = re.compile(r"(?=.)(?:C{0,3})(?:XC|XL|L?X{0,3})(?:IX|IV|V?I{0,3})")


def subscript(found: re.Match[str]) -> str:
    return unicodedata.normalize("NFKC", found[0])


def lakhs(found: re.Match[str]) -> str:
    return f"{int(found[0].replace(',', '')):,}"


def glyph(found: re.Match[str]) -> str:
    fraction = unicodedata.normalize("NFKC", found[2]).replace("⁄", "/")
    return f"{found[1]} {fraction}" if found[1] else fraction


def groups(written: str) -> str:
    """Digit by digit, with a pause between the groups."""
    return ", ".join(" ".join(group) for group in re.findall(r"\d+", written))


def phone(found: re.Match[str]) -> str:
    written = found[0]
    if re.fullmatch(r"\d\d0-\d\d\d0", written):  # 500-1000 is a range
        return written
    return ("plus " if written.startswith("+") else "") + groups(written)


def machine(found: re.Match[str]) -> str:
    if any(int(part) > 255 for part in found[1].split(".")):
        return found[0]
    more = f" {'port' if found[2] == ':' else 'slash'} {found[3]}" if found[2] else ""
    return found[1].replace(".", " dot ") + more


def release(found: re.Match[str]) -> str:
    if len(found[2] + found[3]) < 2:
        return found[0]
    return f"{found[1]} point {'oh ' if found[2] else ''}{found[3]}"


def pointed(found: re.Match[str]) -> str:
    return found[0].replace(".", " point ")


def grouped(found: re.Match[str]) -> str:
    return found[0].replace(" ", ",")


def range_of(found: re.Match[str]) -> str:
    if found["unit"] and found["unit"] not in UNITS:
        return found[0]
    first, second = re.match(r"\d+$", found[1]), re.match(r"\d+(?![.,:]?\d| and )", found.string[found.end() :])
    if "-" in found[0] and first and second and max(99, int(second[0])) < int(first[0]):  # a Boeing 747-400
        return f"{found[1]} "
    return f"{found[1].rstrip()} {'' if first and second and first[0] == second[0] else 'to '}"


def fraction(found: re.Match[str]) -> str:
    whole, top, bottom, joint, symbol = found[1], int(found[2]), int(found[3]), found[4], found[5] or ""
    rest = "" if symbol in UNITS else f"{joint or ''}{symbol}"  # no unit: what follows stays as it is
    if rest[:1].isalpha():
        return found[0]
    unit = f" {UNITS[symbol]}" if symbol in UNITS else ""
    units = plural(unit) if unit and joint != "-" else unit
    if top == bottom or not (0 < top < bottom and (bottom <= 10 or bottom in (12, 16, 20, 32, 64, 100))):
        over = "over " if bottom > 31 and top != bottom else "out of " if top == bottom == 10 else ""
        return f"{whole or ''} {top} {over}{bottom}".strip() + units + rest
    if bottom in (10, 100) and top > 1 and not (whole or unit or symbol == "of"):
        return f"{top} out of {bottom}{rest}"
    if bottom == 2:
        part = "a half" if whole else "one half"
    else:
        part = f"{cardinal(top)} {'quarter' if bottom == 4 else ordinal(bottom)}{'s' * (top > 1)}"
    if whole:
        return f"{whole} and {part}{units}{rest}"
    return part + (f" of a{unit}" if unit and top > 1 and joint != "-" else unit) + rest


def regnal(found: re.Match[str]) -> str:
    """Henry VIII, Chapter IV."""
    word, letters = found[1], found[2]
    ruler, numbered = (word in table("en", "speech")["tables"][name].split() for name in ("rulers", "numbered"))
    sure = len(letters) > 1 and ("L" not in letters and "C" not in letters)
    if not _ROMAN.fullmatch(letters) or not (
        sure or (numbered and (len(letters) > 1 or letters in "IVX")) or (ruler and letters in "VX")
    ):
        return found[0]
    number = _value(letters)
    return f"{word} the {ordinal(number)}" if ruler else f"{word} {number}"


def _value(roman: str) -> int:
    values = [{"I": 1, "V": 5, "X": 10, "L": 50, "C": 100}[letter] for letter in roman]
    return sum(-one if one < following else one for one, following in zip(values, [*values[1:], 0], strict=True))


def power(found: re.Match[str]) -> str:
    number = found[1] or unicodedata.normalize("NFKC", found[2]).replace("−", "-")
    return {"2": " squared", "3": " cubed"}.get(number, f" to the power of {signed(number)}")
