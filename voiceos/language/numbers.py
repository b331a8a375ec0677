"""English numbers as they are said: times, dates, money, measures, fractions, ranges and telephone numbers.

Plain integers and decimals stay as they are: the voice reads those well.
"""

import re
from functools import cache

_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_MONTH_STEMS = {month[:3].lower(): month for month in _MONTHS} | {"sept": "September"}
_CURRENCIES = {
    "$": ("dollar", "dollars", "cent", "cents"),
    "€": ("euro", "euros", "cent", "cents"),
    "£": ("pound", "pounds", "penny", "pence"),
    "¥": ("yen", "yen", "", ""),
    "₹": ("rupee", "rupees", "paisa", "paise"),
}
_SCALES = {"k": "thousand", "K": "thousand", "m": "million", "M": "million", "bn": "billion", "B": "billion"}
# After a number only. Singular; the plural adds "s" to the first word that is not listed as unchanging.
_UNITS = {
    "km/h": "kilometer per hour", "kph": "kilometer per hour", "mph": "mile per hour", "m/s": "meter per second",
    "km²": "square kilometer", "m²": "square meter", "cm²": "square centimeter", "m³": "cubic meter",
    "km2": "square kilometer", "m2": "square meter", "m3": "cubic meter", "sq ft": "square foot",
    "km": "kilometer", "m": "meter", "cm": "centimeter", "mm": "millimeter", "µm": "micrometer", "nm": "nanometer",
    "mi": "mile", "ft": "foot", "yd": "yard", "kg": "kilogram", "g": "gram", "mg": "milligram", "µg": "microgram",
    "lb": "pound", "lbs": "pound", "oz": "ounce", "l": "liter", "L": "liter", "ml": "milliliter", "mL": "milliliter",
    "cl": "centiliter", "dl": "deciliter", "tbsp": "tablespoon", "tsp": "teaspoon", "gal": "gallon", "pt": "pint",
    "qt": "quart", "h": "hour", "hr": "hour", "hrs": "hour", "min": "minute", "mins": "minute", "sec": "second",
    "secs": "second", "s": "second", "ms": "millisecond", "kWh": "kilowatt hour", "Wh": "watt hour", "W": "watt",
    "kW": "kilowatt", "MW": "megawatt", "GW": "gigawatt", "V": "volt", "mA": "milliamp", "mAh": "milliamp hour",
    "Hz": "hertz", "kHz": "kilohertz", "MHz": "megahertz", "GHz": "gigahertz", "kB": "kilobyte", "KB": "kilobyte",
    "MB": "megabyte", "GB": "gigabyte", "TB": "terabyte", "Mbps": "megabit per second", "Gbps": "gigabit per second",
    "dB": "decibel", "kcal": "kilocalorie", "cal": "calorie", "kJ": "kilojoule", "hPa": "hectopascal",
    "kPa": "kilopascal", "px": "pixel", "fps": "frame per second", "rpm": "revolution per minute",
}  # fmt: skip
_UNCHANGING = ("hertz",)
_RULERS = frozenset(
    [
        "Henry", "Louis", "Charles", "George", "Edward", "William", "Elizabeth", "James", "Richard", "John", "Paul",
        "Pius", "Benedict", "Francis", "Leo", "Philip", "Frederick", "Nicholas", "Alexander", "Catherine", "Napoleon",
        "Wilhelm", "Felipe", "Margrethe", "Peter", "Mary", "Gregory", "Clement", "Ramses", "Gustav", "Carlos",
    ]
)  # fmt: skip
_ROMAN = {
    "II": 2, "III": 3, "IV": 4, "VI": 6, "VII": 7, "VIII": 8, "IX": 9, "XI": 11, "XII": 12, "XIII": 13, "XIV": 14,
    "XV": 15, "XVI": 16, "XVII": 17, "XVIII": 18, "XIX": 19, "XX": 20, "XXI": 21, "XXII": 22, "XXIII": 23,
}  # fmt: skip
_GLYPHS = {
    "½": "1/2",
    "⅓": "1/3",
    "⅔": "2/3",
    "¼": "1/4",
    "¾": "3/4",
    "⅕": "1/5",
    "⅛": "1/8",
    "⅜": "3/8",
    "⅝": "5/8",
    "⅞": "7/8",
}

_MONTH = r"(Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)\b\.?"
_N = r"\d{1,12}(?:,\d{3}){0,4}(?:\.\d{1,12})?"
_START = r"(?<![\w.,:/])"
_ISO_DATE = re.compile(rf"{_START}(\d{{4}})-(\d{{2}})-(\d{{2}})(?![\w-])")
_SLASH_DATE = re.compile(rf"{_START}(\d{{1,2}})[/.](\d{{1,2}})[/.](\d{{4}})(?![\w/])")
_MONTH_DAY = re.compile(rf"\b{_MONTH}(?= \d{{1,4}}\b)")
_DAY_MONTH = re.compile(rf"\b(\d{{1,2}}(?:st|nd|rd|th)?) {_MONTH}(?! ?[a-z])")
_TIME = re.compile(rf"{_START}([01]?\d|2[0-4]):([0-5]\d)(?::([0-5]\d))?(?![\d:])(?: ?([AaPp])\.?[Mm]\b\.?)?")
_HALF_DAY = re.compile(r"(?<=\d) ?([AaPp])\.?[Mm]\b(?:\.(?= [a-z0-9]))?")
_RATIO = re.compile(rf"{_START}(\d{{1,4}}):(\d{{1,4}})(?![\w:])")
_PHONE = re.compile(
    r"(?<![\w.,+-])(?:\+\d{1,3}(?:[ .-]?\(?\d{2,4}\)?){2,5}|"
    r"\(\d{3}\) ?\d{3}[ .-]\d{4}|\d{3}[ .-]\d{3}[ .-]\d{4}|\d{3}-\d{4})"
    r"(?![\w-])"
)
_EMERGENCY = re.compile(r"\b((?:[Cc]all|[Dd]ial|[Rr]ing)(?:ing)?) (\d)(\d)(\d)\b(?![.,]?\d)")
_LONG = re.compile(r"(?<![\w.,])\d{13,40}(?![\w])")
_MONEY_RANGE = re.compile(rf"([$€£¥₹])({_N}) ?[-–—] ?[$€£¥₹]?({_N})(?![\w-])")
_MONEY = re.compile(rf"(?:\b(?:US|CA|AU))?([$€£¥₹]) ?({_N})(?: ?(million|billion|trillion|bn|[kKmMB])\b)?")
_MONEY_AFTER = re.compile(rf"{_START}({_N}) ?([€£¥₹]|\$(?!\d))")
_FEET = re.compile(r"(?<![\w.])(\d)['′] ?(\d{1,2})(?:[\"″]|'')")
_DEGREES = re.compile(r"(?<=\d) ?(?:°|º|℃|℉)(?: ?([CFK])\b)?")
_PERCENT = re.compile(r"(?<=\d) ?%")
_UNIT = re.compile(
    rf"{_START}({_N})( ?|-)({'|'.join(sorted(map(re.escape, _UNITS), key=len, reverse=True))})(?![\w²³/])"
)
_MIXED = re.compile(rf"{_START}(?:(\d{{1,4}})[ -])?(\d{{1,3}})/(\d{{1,4}})(?![\w/.-]*\d)(?![/\w])")
_RANGE = re.compile(r"(?<![\w-])(\d{1,12}(?:[.,]\d{1,6})?) ?(?:-| ?[–—] ?)(?=\d{1,12}(?:[.,]\d{1,6})?(?![\w]|-\d))")
_VERSION = re.compile(r"(?<![\w.])[vV]\.? ?(?=\d{1,4}(?:\.\d|\b))")
_DOTTED = re.compile(r"(?<![\w.])\d{1,5}(?:\.\d{1,5}){2,4}(?![\w])")
_REGNAL = re.compile(rf"\b([A-Z][a-z]{{1,20}}) ({'|'.join(sorted(_ROMAN, key=len, reverse=True))})\b")
_SUPER = re.compile(r"(?<=[\w)])(\^ ?\{?[23]\}?(?!\w)|[²³])")
_SCIENTIFIC = re.compile(r"\b(\d+(?:\.\d+)?)[eE]([+-]?)(\d{1,3})\b")


def say_numbers(text: str, *, day_first: bool = False) -> str:
    """Rewrites what a voice reads badly. `day_first`: 5/6/2026 is the fifth of June."""
    for glyph, fraction in _GLYPHS.items():
        text = re.sub(rf"(?<=\d)?{glyph}", f" {fraction}", text) if glyph in text else text
    text = _ISO_DATE.sub(lambda found: _date(found[0], found[1], found[2], found[3]), text)
    text = _SLASH_DATE.sub(lambda found: _slash_date(found, day_first), text)
    text = _MONTH_DAY.sub(lambda found: _MONTH_STEMS[found[1].lower()], text)
    text = _DAY_MONTH.sub(lambda found: f"{found[1]} {_MONTH_STEMS[found[2].lower()]}", text)
    text = _PHONE.sub(lambda found: _phone(found[0]), text)
    text = _EMERGENCY.sub(r"\1 \2 \3 \4", text)
    text = _LONG.sub(lambda found: " ".join(found[0]), text)
    text = _TIME.sub(_time, text)
    text = _HALF_DAY.sub(lambda found: f" {found[1].upper()}M", text)
    text = _RATIO.sub(r"\1 to \2", text)
    text = _MONEY_RANGE.sub(lambda found: f"{found[2]} to {_money(found[1], found[3], '')}", text)
    text = _MONEY.sub(lambda found: _money(found[1], found[2], found[3] or ""), text)
    text = _MONEY_AFTER.sub(lambda found: _money(found[2], found[1], ""), text)
    text = _FEET.sub(r"\1 foot \2", text)
    text = _DOTTED.sub(lambda found: found[0].replace(".", " point "), text)
    text = _RANGE.sub(r"\1 to ", text)
    text = _DEGREES.sub(_degrees, text)
    text = _PERCENT.sub(" percent", text)
    text = _UNIT.sub(_measure, text)
    text = _MIXED.sub(_fraction, text)
    text = _SCIENTIFIC.sub(
        lambda found: f"{found[1]} times 10 to the power of {'minus ' if found[2] == '-' else ''}{found[3]}", text
    )
    text = _VERSION.sub("version ", text)
    text = _REGNAL.sub(_regnal, text)
    return _SUPER.sub(lambda found: " squared" if "2" in found[1] or "²" in found[1] else " cubed", text)


@cache
def _cardinal(number: int) -> str:
    from num2words import num2words  # its import takes a while

    return str(num2words(number, lang="en"))


@cache
def _ordinal(number: int) -> str:
    from num2words import num2words

    return str(num2words(number, lang="en", to="ordinal"))


def _date(written: str, year: str, month: str, day: str) -> str:
    if not (1 <= int(month) <= 12 and 1 <= int(day) <= 31):
        return written.replace("-", " ").replace("/", " ").replace(".", " ")
    number = int(day)
    ending = "th" if 10 < number < 14 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{_MONTHS[int(month) - 1]} {number}{ending}, {year}"


def _slash_date(found: re.Match[str], day_first: bool) -> str:
    first, second, year = found[1], found[2], found[3]
    if int(first) > 12 or (day_first and int(second) <= 12):
        first, second = second, first
    return _date(found[0], year, first, second)


def _time(found: re.Match[str]) -> str:
    hour, minute = int(found[1]), int(found[2])
    half = f" {found[4].upper()}M" if found[4] else ""
    if found[3]:
        return f"{hour} {_minutes(minute)} and {int(found[3])} seconds{half}"
    if minute:
        return f"{_cardinal(hour)} {_minutes(minute)}{half}"
    if half:
        return f"{hour}{half}"
    if hour in (0, 24):
        return "midnight"
    return f"{hour} o'clock" if hour < 13 else f"{_cardinal(hour)} hundred"


def _minutes(minute: int) -> str:
    return f"oh {_cardinal(minute)}" if minute < 10 else _cardinal(minute)


def _phone(written: str) -> str:
    groups = [" ".join(group) for group in re.findall(r"\d+", written)]
    return ("plus " if written.startswith("+") else "") + ", ".join(groups)


def _money(symbol: str, number: str, scale: str) -> str:
    one, many, cent, cents = _CURRENCIES[symbol]
    if scale:
        return f"{number} {_SCALES.get(scale, scale)} {many}"
    whole, _, fraction = number.partition(".")
    if len(fraction) == 2 and cent:
        small = f"{int(fraction)} {cent if fraction == '01' else cents}"
        if not int(fraction):
            return f"{whole} {one if whole == '1' else many}"
        if not whole.strip("0"):
            return small
        return f"{whole} {one if whole == '1' else many} and {small}"
    return f"{number} {one if number == '1' else many}"


def _degrees(found: re.Match[str]) -> str:
    scale = found[1] or {"℃": "C", "℉": "F"}.get(found[0].strip(), "")
    if scale == "K":
        return " kelvin"
    return " degrees" + {"C": " Celsius", "F": " Fahrenheit"}.get(scale, "")


def _measure(found: re.Match[str]) -> str:
    number, joint, unit = found[1], found[2], _UNITS[found[3]]
    if number == "1" or joint == "-":
        return f"{number} {unit}"
    head, per, rest = unit.partition(" per ")
    return f"{number} {_plural(head)}{per}{rest}"


def _plural(noun: str) -> str:
    if noun.endswith("foot"):
        return noun.removesuffix("foot") + "feet"
    return noun if noun.endswith(_UNCHANGING) else noun + "s"


def _fraction(found: re.Match[str]) -> str:
    whole, top, bottom = found[1], int(found[2]), int(found[3])
    if not (0 < top < bottom and (bottom <= 10 or bottom in (12, 16, 20, 32, 64, 100))):
        return f"{whole or ''} {top} {'over ' if bottom > 31 else ''}{bottom}".strip()
    if bottom == 2:
        part = "a half" if whole else "one half"
    elif bottom == 4:
        part = f"{_cardinal(top)} quarter{'s' * (top > 1)}"
    else:
        part = f"{_cardinal(top)} {_ordinal(bottom)}{'s' * (top > 1)}"
    return f"{whole} and {part}" if whole else part


def _regnal(found: re.Match[str]) -> str:
    number = _ROMAN[found[2]]
    return f"{found[1]} the {_ordinal(number)}" if found[1] in _RULERS else f"{found[1]} {number}"
