"""English money, durations, degrees and measures as they are said: "$5/kg", "3h 20m", "18 °C", "80 mg/dL"."""

import re

from voiceos.language.data import table

_DATA = table("en", "units")
_MONEY = table("en", "currencies")
CURRENCIES: dict[str, list[str]] = _MONEY["symbols"] | _MONEY["codes"]


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


def several(symbol: str) -> str:
    """A unit that no number stands before: "hundreds of km"."""
    return plural(UNITS[symbol]) if symbol in UNITS else symbol


def _counted(number: str, unit: str) -> str:
    return f"{number} {unit if number == '1' else plural(unit)}"


def money(found: re.Match[str]) -> str:
    one = CURRENCIES[found["currency"]]
    least, most = _decimal(found["amount"]), _decimal(found["most"] or "")
    scale, most_scale = (_MONEY["scales"].get(found[name] or "", "") for name in ("scale", "most_scale"))
    if not most:
        said = _sum(least, scale, one)
    elif one[2] and any(re.search(r"\.(?!00)\d\d$", number) for number in (least, most)):  # with cents
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


def cents(found: re.Match[str]) -> str:
    return _counted(found[1], "cent") + _per(found)


def _per(found: re.Match[str]) -> str:
    each, unit = found["each"] or "", found["per"] or ""
    if not unit:
        return ""
    named = UNITS | _DATA["per"]
    word = named.get(unit, unit if "currency" in found.re.groupindex and len(unit) > 2 and unit.islower() else "")
    if not word or (each and unit == found.groupdict().get("unit")):  # 16 GB/512 GB
        return found[0][found[0].rindex("/") :]
    return f" per {each} {plural(word)}" if each not in ("", "1") else f" per {word}"


def inch(found: re.Match[str]) -> str:
    return "-inch" if found.string.count('"') % 2 else found[0]  # an even number of them quotes


def span(found: re.Match[str]) -> str:
    """3h 20m."""
    given = {unit: found[unit] for unit in "dhms" if found[unit]}
    if found["bare"]:
        given["m"] = str(int(found["bare"]))
    if len(given) < 2:
        return found[0]
    said = " ".join(_counted(number, _DATA["times"][unit]) for unit, number in given.items())
    return said + found[0][len(found[0].rstrip(" ,")) :]


def lasting(found: re.Match[str]) -> str:
    """Runtime 1:45:30."""
    parts = zip(found.groups()[1:], ("hour", "minute", "second"), strict=True)
    return found[1] + " ".join(_counted(str(int(number)), unit) for number, unit in parts if int(number))


def span_after(found: re.Match[str]) -> str:
    """5m left."""
    unit = _DATA["times"][found[3]]
    return f"{found[1]}{found[2] or ''} {unit if found[1] == '1' else plural(unit)}"


def span_before(found: re.Match[str]) -> str:
    """Wait 5m."""
    return found[1] + _counted(found[2], _DATA["times"][found[3].lower()])


def place(found: re.Match[str]) -> str:
    """A number of degrees, or where on Earth something is."""
    degrees, minutes, seconds, point = found.groups()
    said = _counted(degrees, "degree")
    said += f" {minutes} minutes" if minutes else ""
    said += f" {seconds} seconds" if seconds else ""
    return f"{said} {table('en', 'symbols')['points'][point]}" if point else said + " " * found[0].endswith(" ")


def degrees(found: re.Match[str]) -> str:
    number, scale = found[1] or "", found[2] or {"℃": "C", "℉": "F"}[found[3]]
    said = "kelvin" if scale == "K" else f"degree{'s' * (number != '1')} {'Celsius' if scale == 'C' else 'Fahrenheit'}"
    return f"{number} {said}" if number else f" {said}"


def primes(found: re.Match[str]) -> str:
    return _counted(found[1], "foot" if found[2] else "inch")


def measure(found: re.Match[str]) -> str:
    number, joint, symbol, power = found["number"], found["joint"], found["unit"].replace(".", ""), found["power"] or ""
    if power and symbol in _DATA["lengths"]:
        symbol, power = symbol + {"2": "²", "3": "³"}[power[1]], ""
    unit = UNITS.get(symbol)
    if not unit:
        return found[0]
    return (f"{number} {unit}{power}" if power or joint == "-" else _counted(number, unit)) + _per(found)


def bare_rate(found: re.Match[str]) -> str:
    unit = UNITS.get(found[1], "") if len(found[1]) > 1 or found[1] in "mgL" else ""
    return f"{plural(unit)} per {UNITS[found[2]]}" if unit else found[0]
