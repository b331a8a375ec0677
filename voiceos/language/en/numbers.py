"""English fractions, ordinals, ranges, telephone numbers and codes as they are said.

Plain integers and decimals stay as they are: the voice reads those well.
"""

import re
import unicodedata

from voiceos.language.data import table
from voiceos.language.en.counting import cardinal, many, ordinal
from voiceos.language.en.measures import START, UNIT, UNITS, plural, say_durations, say_lengths, say_measures, say_money
from voiceos.language.en.spoken_dates import say_dates, say_decades, say_times, say_years

_WORDS = table("en", "numbers")
_RULERS = frozenset(_WORDS["rulers"].split())
_NUMBERED = frozenset(_WORDS["numbered"].split())

# Telephones, addresses of machines and other digits that are said one by one
_PHONE = re.compile(
    r"(?<![\w.,+-])(?:\+\d{1,3}(?:[ .-]?\(?\d{2,4}\)?){2,5}|"
    r"(?:1[ .-])?\(\d{3}\) ?\d{3}[ .-]\d{4}|(?:1[ .-])?\d{3}[ .-]\d{3}[ .-]\d{4}|"
    r"0\d{2,4} \d{3,4} ?\d{3,4}|(?<!\d )\d{3}-\d{4})"
    r"(?![\w-])"
)
_CARD = re.compile(rf"{START}\d{{4}}(?:[ -]\d{{4}}){{3}}(?![\w-])")
_EMERGENCY = re.compile(rf"\b((?:{_WORDS['calls']}) )(\d)(\d)(\d)\b(?![.,]?\d)", re.IGNORECASE)
_SPELLED = re.compile(
    rf"\b((?:(?:{_WORDS['digits_after']}) (?:number|code)|{_WORDS['spelled_after']})(?: is|:)? )"
    r"(\d{3,12})(?![\w,.:-]*\d)",
    re.IGNORECASE,
)
_LONG = re.compile(r"(?<![\w.,])\d{13,40}(?![\w])")
_MACHINE = re.compile(r"(?<![\w.])(\d{1,3}(?:\.\d{1,3}){3})(?:([:/])(\d{1,5}))?(?![\w.]*\d)")
_VERSION = re.compile(r"(?<![\w.])[vV]\.? ?(?=\d{1,4}(?:\.\d|\b))")
_RELEASE = re.compile(rf"\b((?:{_WORDS['versions_after']}) \d{{1,3}})\.(0?)([1-9]\d{{0,3}}|0)\b(?!\.\d)", re.IGNORECASE)
_DOTTED = re.compile(r"(?<![\w.])\d{1,5}(?:\.\d{1,5}){2,4}(?![\w])")
# Fractions, ordinals, ranges
_MODEL = re.compile(r"(?<![\w-])([A-Z]{1,4}-?)(\d{1,4})s\b")
_SLASH = str.maketrans({"⁄": "/"})
_GLYPH = re.compile(r"(\d?)([¼-¾⅐-⅞])")
_FRACTION = re.compile(
    rf"{START}(?:(\d{{1,4}})[ -])?(\d{{1,3}})/(\d{{1,4}})(?:(?:st|nd|rd|th)s?)?(?![\w/.-]*\d)(?![/\d])"
    rf"(?:( ?|-)({UNIT})(?!/))?"
)
_DIVIDED = re.compile(r"(?<=\d)/(?=\d{1,9} ?=)")
_RATING = re.compile(
    rf"{START}(?:(\d{{1,2}}\.\d|10|100)/(5|10|100)(?![\w/.]*\d)(?![/\w])|(\d)/(\d{{1,2}})(?= stars\b))"
)
_NUMBERED_RANGE = re.compile(r"\b([A-Z])(\d{1,3}) ?[-–] ?(\1\d{1,3})\b")
_EVEN_SUM = re.compile(r"(?<=\d),[-–](?!\w)")
_COMMA = re.compile(r"(?<![\w.,])(\d{1,4}),(\d{1,2})(?= ?(?:[%°]|(?:[kcm]?m|[km]?g|[mcd]?l|L|h)\b))")
_LAKHS = re.compile(r"(?<![\d,.])\d{1,2}(?:,\d\d){1,3},\d{3}(?![\d,])")
_ORDINAL = re.compile(rf"{START}(\d{{1,3}}(?:,\d{{3}}){{1,2}}|\d{{3,6}})(?:st|nd|rd|th)\b")
_SHORT_SUFFIX = rf"(?: ?(?:%|‰|°[CF]?|[AaPp]\.?[Mm]\b\.?)|(?:st|nd|rd|th|[kKMBx])\b| ?(?P<unit>{UNIT})(?!/))"
_RANGE = re.compile(
    rf"(?<![\w.,/-])(\d{{1,12}}(?:[.,:]\d{{1,6}}){{0,3}}(?:{_SHORT_SUFFIX}(?: (?=[–—-] ))?)?)"
    rf"(?: ?[–—] ?|-| ?(?<=[%‰°CFMm]) - )"
    rf"(?=[−-]?\d{{1,12}}(?:[.,:]\d{{1,6}}){{0,3}}(?!\d|[-–][\dA-Z]| ?=))"
)
_GROUPED = re.compile(rf"{START}\d{{1,3}}(?: 000){{1,4}}(?![\w])")
_SCIENTIFIC = re.compile(r"\b(\d+(?:\.\d+)?)[eE]([+-]?)(\d{1,3})\b")
_HEX = re.compile(r"(?<!\w)0x([0-9A-Fa-f]{1,16})\b")
_POINT = re.compile(r"(?<![\w.)])\.(?=\d)")
_REGNAL = re.compile(r"\b([A-Z][a-z]{1,20}) ([IVXLC]{1,8})\b")
_ROMAN = re.compile(r"(?=.)(?:C{0,3})(?:XC|XL|L?X{0,3})(?:IX|IV|V?I{0,3})")
_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")
_SUBSCRIPTS = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")
_FOOTNOTE = re.compile(r"(?:(?<=[a-z]{3})|(?<=[a-z][.,;:!?\"]))[⁰¹²³⁴-⁹]{1,3}(?![⁰-⁹]|[A-Za-z])")
_SUPER = re.compile(r"(?<=[\w)])(?:\^ ?\{?([23])\}?(?!\w)|(⁻?[⁰¹²³⁴-⁹]{1,3}))")


def say_numbers(text: str, *, day_first: bool = False) -> str:
    """Rewrites what a voice reads badly. `day_first`: 5/6/2026 is the fifth of June."""
    text = _FOOTNOTE.sub("", text.translate(_SUBSCRIPTS)).translate(_SLASH)
    text = _LAKHS.sub(lambda found: f"{int(found[0].replace(',', '')):,}", text)
    text = _COMMA.sub(r"\1.\2", _EVEN_SUM.sub("", text))
    text = _NUMBERED_RANGE.sub(r"\1\2 to \3", text)
    text = say_dates(_GLYPH.sub(_glyph, text), day_first)
    text = say_money(_digits(say_lengths(text)))
    text = say_times(_ranges(text))
    text = say_decades(say_durations(say_years(text)))
    text = _MODEL.sub(lambda found: f"{found[1] + ' ' * (found[1][-1] != '-')}{many(found[2])}", text)
    text = say_measures(text)
    text = _ORDINAL.sub(lambda found: ordinal(int(found[1].replace(",", ""))), text)
    text = _SCIENTIFIC.sub(lambda found: f"{found[1]} times 10 to the power of {_signed(found[2] + found[3])}", text)
    text = _VERSION.sub("version ", text)
    text = _REGNAL.sub(_regnal, text)
    return _SUPER.sub(_power, text)


def _digits(text: str) -> str:
    """What is said digit by digit."""
    text = _CARD.sub(lambda found: _apart(found[0]), text)
    text = _PHONE.sub(_phone, text)
    text = _EMERGENCY.sub(r"\1\2 \3 \4", text)
    text = _SPELLED.sub(lambda found: found[1] + " ".join(found[2]), text)
    text = _LONG.sub(lambda found: " ".join(found[0]), text)
    text = _MACHINE.sub(_machine, text)
    text = _RELEASE.sub(lambda found: found[0] if len(found[2] + found[3]) < 2 else _release(found), text)
    text = _HEX.sub(lambda found: f"hex {' '.join(found[1])}", text)
    return _DOTTED.sub(lambda found: found[0].replace(".", " point "), text)


def _ranges(text: str) -> str:
    text = _GROUPED.sub(lambda found: found[0].replace(" ", ","), text)
    text = _POINT.sub("0.", text)
    text = _DIVIDED.sub(" divided by ", text)
    text = _RATING.sub(lambda found: f"{found[1] or found[3]} out of {found[2] or found[4]}", text)
    text = _FRACTION.sub(_fraction, text)
    return _RANGE.sub(_range, text)


def _apart(written: str) -> str:
    return ", ".join(" ".join(group) for group in re.findall(r"\d+", written))


def _phone(found: re.Match[str]) -> str:
    written = found[0]
    if re.fullmatch(r"\d\d0-\d\d\d0", written):  # 500-1000 is a range
        return written
    return ("plus " if written.startswith("+") else "") + _apart(written)


def _machine(found: re.Match[str]) -> str:
    if any(int(part) > 255 for part in found[1].split(".")):
        return found[0]
    more = f" {'port' if found[2] == ':' else 'slash'} {found[3]}" if found[2] else ""
    return found[1].replace(".", " dot ") + more


def _release(found: re.Match[str]) -> str:
    return f"{found[1]} point {'oh ' if found[2] else ''}{found[3]}"


def _range(found: re.Match[str]) -> str:
    if found["unit"] and found["unit"] not in UNITS:
        return found[0]
    first, second = re.match(r"\d+$", found[1]), re.match(r"\d+(?![.,:]?\d)", found.string[found.end() :])
    if "-" in found[0] and first and second and max(99, int(second[0])) < int(first[0]):  # a Boeing 747-400
        return f"{found[1]} "
    return f"{found[1].rstrip()} {'' if first and second and first[0] == second[0] else 'to '}"


def _glyph(found: re.Match[str]) -> str:
    fraction = unicodedata.normalize("NFKC", found[2]).replace("⁄", "/")
    return f"{found[1]} {fraction}" if found[1] else fraction


def _fraction(found: re.Match[str]) -> str:
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
    elif bottom == 4:
        part = f"{cardinal(top)} quarter{'s' * (top > 1)}"
    else:
        part = f"{cardinal(top)} {ordinal(bottom)}{'s' * (top > 1)}"
    if whole:
        return f"{whole} and {part}{units}{rest}"
    return part + (f" of a{unit}" if unit and top > 1 and joint != "-" else unit) + rest


def _regnal(found: re.Match[str]) -> str:
    word, letters = found[1], found[2]
    ruler, numbered = word in _RULERS, word in _NUMBERED
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


def _power(found: re.Match[str]) -> str:
    power = found[1] or found[2].translate(_SUPERSCRIPTS)
    return {"2": " squared", "3": " cubed"}.get(power, f" to the power of {_signed(power)}")


def _signed(number: str) -> str:
    return number.replace("-", "minus ").lstrip("+")
