"""English money, durations, degrees and measures as they are said: "$5/kg", "3h 20m", "18 °C", "80 mg/dL"."""

import re

from voiceos.language.data import any_of, table

_DATA = table("en", "units")
_MONEY = table("en", "currencies")
_CURRENCIES: dict[str, list[str]] = _MONEY["symbols"] | _MONEY["codes"]
_SCALES: dict[str, str] = _MONEY["scales"]
_POINTS: dict[str, str] = table("en", "symbols")["points"]
_DURATIONS = _DATA["durations"]


def _units() -> dict[str, str]:
    units: dict[str, str] = dict(_DATA["symbols"])
    for symbol, (word, prefixes) in _DATA["prefixed"].items():
        units |= {p + symbol: _DATA["prefixes"][p] + word for p in prefixes.split() if p + symbol not in units}
        if symbol in _DATA["bare"]:
            units[symbol] = word
    for symbol in _DATA["lengths"]:
        word = units[symbol]
        for marks, power in (("²", "^2"), "square"), (("³", "^3"), "cubic"):
            units |= {symbol + mark: f"{word} {power}d" if symbol == "s" else f"{power} {word}" for mark in marks}
    return units


UNITS = _units()
"""The word of each symbol, for one."""
PER: dict[str, str] = UNITS | _DATA["per"]

NUMBER = r"\d{1,12}(?:,\d{3}){0,4}(?:\.\d{1,12})?"
START = r"(?<![\w.,:/])"
UNIT = r"(?:(?:sq|cu|fl)\b\.? [A-Za-z]{1,2}\b(?:\.(?= [a-z]))?|mm Hg|[A-Za-zµΩ][A-Za-zµΩ·]{0,5}[23²³]?)(?![\w²³])"
"""What has the shape of a symbol; a pattern of all of them would take long to build."""
_PER = r"/ ?(?:(?P<each>\d{1,4}) ?)?(?P<per>[A-Za-zµ]{1,15}[²³]?)(?![\w²³])"
_SCALE = any_of(_SCALES)
_CURRENCY = any_of(_CURRENCIES)
_AMOUNT = rf"(?:\d{{1,3}}(?:\.\d{{3}}){{1,4}},\d\d|\d{{1,9}},\d\d|{NUMBER}|\.\d{{1,4}})(?!,?\d)"
_SIGN_INSIDE = re.compile(rf"(?<![\w$€£])({_CURRENCY})([-−+])(?=\d)")
_MONEY_BEFORE = re.compile(
    rf"(?<![\w$€£])(?P<currency>{_CURRENCY}) ?(?P<amount>{_AMOUNT})(?:[ -]?(?P<scale>{_SCALE})\b)?"
    rf"(?:(?: ?[-–—] ?(?:{_CURRENCY})?| to (?:{_CURRENCY})) ?"
    rf"(?P<most>{_AMOUNT})(?: ?(?P<most_scale>{_SCALE})\b)?(?![\w-]))?(?: ?{_PER})?(?P<joint>-(?=[a-z]))?"
)
_MONEY_AFTER = re.compile(
    rf"{START}(?P<amount>{_AMOUNT})(?: ?(?P<scale>{_SCALE}))?(?: ?(?:{_CURRENCY}))?"
    rf"(?: ?[-–—] ?(?P<most>{_AMOUNT})(?: ?(?P<most_scale>{_SCALE}))?)?"
    rf" ?(?P<currency>{_CURRENCY})(?![\w$€£]|\d)(?: ?{_PER})?(?P<joint>-(?=[a-z]))?"
)
_CENTS = re.compile(rf"{START}(\d{{1,3}}) ?¢(?: ?{_PER})?|(?<![\w.,:/£])(\d{{1,2}})p(?![\w.,]*\w)")
_MILLIONS = re.compile(
    rf"{START}({NUMBER})(bn|tn|mn|(?<=\d\.\d)[MB]|(?<=\d\.\d\d)[MB]|[MB](?= [a-z]{{4,20}}s\b| people))\b"
)

_TIMES = _DURATIONS["units"]
_LONG_TIMES = {"d": "d|days?", "h": "h|hrs?", "m": "m|mins?", "s": "s|secs?"}
_SPAN = re.compile(
    rf"{START}(?=\d)"
    + r"[ ,]{0,2}".join(
        rf"(?:(?P<{unit}>\d{{1,5}}(?:\.\d{{1,3}})?) ?(?:{symbols})(?![A-Za-z]))?"
        for unit, symbols in _LONG_TIMES.items()
    )
    + r"(?P<bare>(?<=\dh)[0-5]\d)?(?![\w/])"
)
_SPAN_AFTER = re.compile(
    rf"{START}({NUMBER})((?:-| to )\d{{1,4}})? ?({any_of(_TIMES)})(?= (?:{_DURATIONS['after']})\b)"
)
_SPAN_BEFORE = re.compile(
    rf"\b((?:{_DURATIONS['before']}) (?:\d{{1,4}} to )?)({NUMBER})(m|d|w|y|mo)(?![\w/²³])"
    rf"|\b((?:{_DURATIONS['seconds_before']}) (?:\d{{1,4}} to )?)(\d{{1,3}})(s)\b",
    re.IGNORECASE,
)
_PLACE = re.compile(
    rf"({NUMBER}) ?[°º] ?(?:(\d{{1,2}}) ?['′] ?(?:(\d{{1,2}}(?:\.\d{{1,4}})?) ?(?:[\"″]|''))?)?"
    r" ?([NSEW]\b)?(?! ?[CFK]\b)"
)
_SCALES_APART = re.compile(r"(°[CF])/(?=[-−]?\d)")
_LENGTHS = any_of(_DATA["lengths"])
_DEGREES = re.compile(rf"(?:({NUMBER}) ?)?(?:[°º] ?([CFK])\b|([℃℉]))")
_FEET = re.compile(r"(?<![\w.])(\d)['′] ?(\d{1,2}(?:\.\d|½)?)(?:[\"″]|'')")
_PRIMES = re.compile(r"(?<![\w.])(\d{1,4}(?:\.\d{1,3})?)(?:(′)|″|in\b(?! \d))")
_FEET_AND_INCHES = re.compile(r"(?<![\w.])(\d{1,4} ?(?:ft|feet|foot),? \d{1,2}(?:\.\d)?) ?in\b\.?")
_INCHES = re.compile(r"(?<=\d)\"(?!\w)")
_SIZES = re.compile(r"(?<![\w.])(\d{1,3}(?:\.\d{1,2})?)[\"″] ?[x×] ?(\d{1,3}(?:\.\d{1,2})?)[\"″]")
_AREA = re.compile(
    rf"{START}({NUMBER})( ?)[x×]\2({NUMBER})(?= ?(?:{_LENGTHS})\b)|{START}(\d{{3,5}}) ?[x×] ?(\d{{3,5}})\b"
)
_SHARE = re.compile(r"(?<=\d) ?(%|‰)")
_MEASURE = re.compile(rf"{START}(?P<number>{NUMBER})(?P<joint> ?|-)(?P<unit>{UNIT})(?P<power>\^[23]\b)?(?: ?{_PER})?")
_BARE_RATE = re.compile(rf"(?<![\w/])({UNIT})/({any_of(_DATA['bare_per'])})(?![\w/²³])")
_AGAIN = re.compile(rf"( per [a-z]{{2,20}})/({any_of(_DATA['times'])})\b")
_COUNT_RATE = re.compile(
    rf"(?<=\d )([a-z]{{3,15}})/({any_of(_DATA['times'])})(?![\w/])|(?<=[\d][x×])/({any_of(_DATA['times'])})\b"
    rf"|(?<=\d)/({any_of(word for word in _DATA['times'] if len(word) > 2)})\b"
)


def say_money(text: str) -> str:
    """Before ranges are said: "$2-3 million" is one."""
    text = _SIGN_INSIDE.sub(r"\2\1", text)
    text = _MONEY_BEFORE.sub(_money, text)
    text = _MONEY_AFTER.sub(_money, text)
    text = _CENTS.sub(lambda found: _cents(found[1]) + _per(found) if found[1] else _pence(found[4]), text)
    return _MILLIONS.sub(lambda found: f"{found[1]} {_SCALES[found[2]]}", text)


def say_lengths(text: str) -> str:
    """Feet and inches, before fractions are said: 5'10", 3/4"."""
    text = _SIZES.sub(r"\1 by \2 inches", _FEET.sub(r"\1 foot \2", text))
    text = re.sub(r"(?<=\d)″(?= [a-z])", "-inch", text)
    return _INCHES.sub("-inch", text) if text.count('"') % 2 else text  # an even number of them quotes


def say_durations(text: str) -> str:
    """Times of one letter, where something tells that they are: "5m left", "1m 30s"."""
    text = _SPAN.sub(_span, text)
    text = _SPAN_AFTER.sub(lambda found: f"{found[1]}{found[2] or ''} {_counted(found[1], _TIMES[found[3]])}", text)
    return _SPAN_BEFORE.sub(_span_before, text)


def say_measures(text: str) -> str:
    """Degrees, percentages, and numbers with a unit."""
    text = _SCALES_APART.sub(r"\1 or ", text.replace("μ", "µ"))
    text = _FEET_AND_INCHES.sub(r"\1 inches", text)
    text = _PLACE.sub(_place, text)
    text = _DEGREES.sub(_degrees, text)
    text = _AREA.sub(lambda found: f"{found[1]} by {found[3]}" if found[1] else f"{found[4]} by {found[5]}", text)
    text = _PRIMES.sub(lambda found: f"{found[1]} {_counted(found[1], 'foot' if found[2] else 'inch')}", text)
    text = _SHARE.sub(lambda found: " percent" if found[1] == "%" else " per thousand", text)
    text = _COUNT_RATE.sub(_count_rate, text)
    text = _AGAIN.sub(lambda found: f"{found[1]} per {_DATA['times'][found[2]]}", _MEASURE.sub(_measure, text))
    return _BARE_RATE.sub(_bare_rate, text)


def plural(unit: str) -> str:
    """Of a unit's word: "meters per second", "square feet"."""
    head, joint, rest = unit, "", ""
    for word in (" per ", " of ", " squared"):
        head, joint, rest = unit.partition(word)
        if joint:
            break
    for one, many in _DATA["plurals"].items():
        if head.endswith(one):
            return head.removesuffix(one) + many + joint + rest
    return f"{head}{'' if head.endswith(tuple(_DATA['unchanging'])) else 's'}{joint}{rest}"


def _counted(number: str, unit: str) -> str:
    return unit if number == "1" else plural(unit)


def _money(found: re.Match[str]) -> str:
    one = _CURRENCIES[found["currency"]]
    least, most = _decimal(found["amount"]), _decimal(found["most"] or "")
    scale, most_scale = _SCALES.get(found["scale"] or "", ""), _SCALES.get(found["most_scale"] or "", "")
    if not most:
        said = _sum(least, scale, one)
    elif _has_cents(least, one) or _has_cents(most, one):
        said = f"{_sum(least, scale, one)} to {_sum(most, most_scale, one)}"
    else:
        said = f"{least}{f' {scale}' if scale and scale != most_scale else ''} to {_sum(most, most_scale, one)}"
    said += _per(found)
    if found["joint"] or (scale and f"-{found['scale']}" in found[0]):  # a $50-a-day habit
        return said.removesuffix("s") + " " * bool(found["joint"])
    return said


def _decimal(written: str) -> str:
    """1.234,50 and 3,50 as an English speaker writes them."""
    if re.fullmatch(r"[\d.]+,\d\d", written):
        written = written.replace(".", "").replace(",", ".")
    return f"0{written}" if written.startswith(".") else written


def _has_cents(number: str, currency: list[str]) -> bool:
    return bool(re.search(r"\.(?!00)\d\d$", number) and currency[2])


def _sum(number: str, scale: str, currency: list[str]) -> str:
    one, many, cent, cents = currency
    if scale:
        return f"{number} {scale} {many}"
    whole, _, fraction = number.partition(".")
    if len(fraction) == 2 and cent:
        named = f"{whole} {one if whole == '1' else many}"
        if not int(fraction):
            return named
        small = f"{int(fraction)} {cent if fraction == '01' else cents}"
        return f"{named} and {small}" if whole.strip("0") else small
    return f"{number} {one if number == '1' else many}"


def _cents(number: str) -> str:
    return f"{number} {'cent' if number == '1' else 'cents'}"


def _pence(number: str) -> str:
    return f"{number} {'penny' if number == '1' else 'pence'}"


def _per(found: re.Match[str]) -> str:
    each, unit = found["each"] or "", found["per"] or ""
    if not unit:
        return ""
    word = PER.get(unit, unit if "currency" in found.re.groupindex and len(unit) > 2 and unit.islower() else "")
    if not word or (each and unit == found.groupdict().get("unit")):  # 16 GB/512 GB
        return found[0][found[0].rindex("/") :]
    return f" per {each} {plural(word)}" if each not in ("", "1") else f" per {word}"


def _span(found: re.Match[str]) -> str:
    given = {unit: found[unit] for unit in _LONG_TIMES if found[unit]}
    if found["bare"]:
        given["m"] = str(int(found["bare"]))
    if len(given) < 2:
        return found[0]
    said = " ".join(f"{number} {_counted(number, _TIMES[unit])}" for unit, number in given.items())
    return said + found[0][len(found[0].rstrip(" ,")) :]


def _span_before(found: re.Match[str]) -> str:
    lead, number, unit = (found[1], found[2], found[3]) if found[1] else (found[4], found[5], found[6])
    return f"{lead}{number} {_counted(number, _TIMES[unit.lower()])}"


def _place(found: re.Match[str]) -> str:
    degrees, minutes, seconds, point = found.groups()
    said = f"{degrees} {'degree' if degrees == '1' else 'degrees'}"
    said += f" {minutes} minutes" if minutes else ""
    said += f" {seconds} seconds" if seconds else ""
    return f"{said} {_POINTS[point]}" if point else said + " " * found[0].endswith(" ")


def _degrees(found: re.Match[str]) -> str:
    number, scale = found[1] or "", found[2] or {"℃": "C", "℉": "F"}[found[3]]
    said = "kelvin" if scale == "K" else f"degree{'s' * (number != '1')} {'Celsius' if scale == 'C' else 'Fahrenheit'}"
    return f"{number} {said}" if number else f" {said}"


def _count_rate(found: re.Match[str]) -> str:
    return f"{found[1] or ''} per {_DATA['times'][found[2] or found[3] or found[4]]}"


def _measure(found: re.Match[str]) -> str:
    number, joint, symbol, power = found["number"], found["joint"], found["unit"].replace(".", ""), found["power"] or ""
    if power and symbol in _DATA["lengths"]:
        symbol, power = symbol + {"2": "²", "3": "³"}[power[1]], ""
    unit = UNITS.get(symbol)
    if not unit:
        return found[0]
    if power or joint == "-":
        return f"{number} {unit}{power}{_per(found)}"
    return f"{number} {_counted(number, unit)}{_per(found)}"


def _bare_rate(found: re.Match[str]) -> str:
    unit = UNITS.get(found[1], "") if len(found[1]) > 1 or found[1] in "mgL" else ""
    return f"{plural(unit)} per {UNITS[found[2]]}" if unit else found[0]
