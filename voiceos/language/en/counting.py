"""English numbers in words: forty, fortieth, nineteen forty, forties."""

from functools import cache


def cardinal(number: int | str) -> str:
    return _in_words(int(number), "cardinal")


def ordinal(number: int | str) -> str:
    return _in_words(int(str(number).replace(",", "")), "ordinal")


def year(number: int | str) -> str:
    return _in_words(int(number), "year").replace("oh-", "oh ")


@cache
def _in_words(number: int, kind: str) -> str:
    from num2words import num2words  # its import takes a while

    return str(num2words(number, lang="en", to=kind))


def minutes(minute: int) -> str:
    """After the hour: seven oh five."""
    return f"oh {cardinal(minute)}" if minute < 10 else cardinal(minute)


def many(number: str) -> str:
    """The plural of a number: nineteen eighties, thirties, seven thirty-sevens."""
    value = int(number)
    if number == "00":
        return "two thousands"
    if 1000 < value < 2100 and (value < 2000 or value > 2009):
        return more(year(value))
    if 100 < value < 1000 and value % 100:
        return f"{cardinal(value // 100)} {more(minutes(value % 100))}"
    return more(cardinal(value))


def more(words: str) -> str:
    """The plural of a number in words."""
    if words.endswith("y"):
        return f"{words[:-1]}ies"
    return f"{words}es" if words.endswith("x") else f"{words}s"


def spaced(digits: str) -> str:
    """One by one."""
    return " ".join(digits)


def signed(number: str) -> str:
    return number.replace("-", "minus ").lstrip("+")
