"""What is to be spoken, from what was written: no markup, no emoji, and in English everything in words."""

import re

from voiceos.language.markup import plain
from voiceos.language.numbers import say_numbers

LONGEST_TEXT = 20_000
"""Characters of one spoken unit beyond which nothing is read: half an hour of speech."""
LONGEST_WORD = 400
"""Characters of a word beyond which it is no word, but data: left out."""
_ROUNDS = 6

_URL = re.compile(r"<?\b(?:(?:https?|ftp)://|www\.)([^\s<>\"'()\[\]{}|]{1,400})>?", re.IGNORECASE)
_EMAIL = re.compile(r"(?<![\w.+%@-])([\w.+%-]{1,64})@((?:[\w-]{1,63}\.){1,5}[^\W\d_]{2,24})\b")
_DOMAIN = re.compile(
    r"(?<![\w.@-])((?:[a-z0-9][a-z0-9-]{0,62}\.){1,4}(?:com|org|net|edu|gov|io|dev|app|ai|info|eu|uk|de|fr))(?![\w@-])"
    r"(?:/[^\s,;()]{0,300})?",
    re.IGNORECASE,
)
_FILE = re.compile(
    r"(?<![\w.])([\w-]{1,60})\.(py|js|ts|md|txt|json|html|css|pdf|csv|png|jpg|jpeg|gif|toml|yaml|yml|sh|exe|zip|mp3|wav)\b"
)

_TITLES = {
    "Dr": "Doctor", "Mr": "Mister", "Mrs": "Missus", "Ms": "Miz", "Prof": "Professor", "Rev": "Reverend",
    "Gen": "General", "Col": "Colonel", "Capt": "Captain", "Lt": "Lieutenant", "Sgt": "Sergeant", "Gov": "Governor",
    "Sen": "Senator", "Rep": "Representative", "Hon": "Honorable", "Mt": "Mount",
}  # fmt: skip
_SHORT = {
    "etc": "et cetera", "approx": "approximately", "vs": "versus", "dept": "department", "govt": "government",
    "Inc": "Incorporated", "Ltd": "Limited", "Corp": "Corporation", "Ave": "Avenue",
    "Blvd": "Boulevard", "Jr": "Junior", "Sr": "Senior", "incl": "including", "excl": "excluding", "esp": "especially",
    "misc": "miscellaneous",
}  # fmt: skip
_TITLE = re.compile(rf"\b({'|'.join(_TITLES)})\.(?= ?[^\W\d_])|\bDr\b(?= [A-Z])")
_SAINT = re.compile(r"\bSt\. (?=[A-Z])")
_STREET = re.compile(r"(?<=[a-z]) St\.(?! ?[A-Z])")
_SHORTENED = re.compile(rf"\b({'|'.join(_SHORT)})\.(?:(?=\W{{0,3}}\Z)|(?= [A-Z])|)")
_LATIN = re.compile(r"\b([EeIi])\.? ?([GgEe])\.,?(?= )")
_NUMBER_OF = re.compile(r"\b([Nn]o|[Nn]r|№)\.? (?=\d)|№ ?(?=\d)")
_SECTION = re.compile(r"\b(p|pp|vol|fig|ch)\. ?(?=\d)", re.IGNORECASE)
_SECTIONS = {"p": "page", "pp": "pages", "vol": "volume", "fig": "figure", "ch": "chapter"}
_INITIALS = re.compile(r"\b(?:[A-Z]\.){2,8}|(?<![\w.'])[A-Z]\.(?= [A-Z])")
_HASH = re.compile(r"#(?=\d)")
_TAGGED = re.compile(r"(?<!\w)#(?=\w)")
_HANDLE = re.compile(r"(?<!\w)@(?=\w)")
_LANGUAGE = re.compile(r"\b([A-Z])(\+\+|#)(?!\w)")
_AND_LETTERS = re.compile(r"\b([A-Z]{1,3})&([A-Z]{1,3})\b")
_WITH = re.compile(r"(?<!\w)w/(o\b ?)?")
_EITHER = re.compile(
    r"\b(and/or|he/she|she/he|his/her|him/her|s/he|yes/no|either/or|true/false|on/off)\b", re.IGNORECASE
)
_BETWEEN_DIGITS = [
    (re.compile(r"(?<=\d) ?[×*] ?(?=\d)|(?<=\d) x (?=\d)|(?<=\d)x(?=\d)"), " times "),
    (re.compile(r"(?<=[\w)]) \+ ?(?=[\w(])|(?<=\d)\+(?=\d)"), " plus "),
    (re.compile(r"(?<=\d)\+"), " plus"),
    (re.compile(r"(?<=\d) [-−] (?=\d)|(?<=\d)−(?=\d)"), " minus "),
    (re.compile(r"(?<![\w)])[-−] ?(?=\d)"), "minus "),
    (re.compile(r"(?<=\d) ?÷ ?(?=\d)|(?<=\d) / (?=\d)"), " divided by "),
    (re.compile(r"(?<=[\w)])\^ ?\{?(?=\w)"), " to the power of "),
    (re.compile(r"(?<!\w)~ ?(?=\d)|≈(?= ?\d)"), " about "),
]
_SYMBOLS = {
    "&": "and", "≤": "at most", "≥": "at least", "≠": "is not", "±": "plus or minus", "≈": "is about",
    "√": "the square root of", "∞": "infinity", "×": "times", "÷": "divided by",
    "→": "to", "=": "equals", "%": "percent", "°": "degrees",
}  # fmt: skip
_ARROW = re.compile(r"<?[-=]{1,3}>")
_SYMBOL = re.compile(rf" ?([{''.join(_SYMBOLS)}])+ ?")
_COMPARED = re.compile(r"(?<=[\w)]) ?([<>])(=?) ?(?=[\w(-])")

_DASH = re.compile(r"\s*[—–]+\s*|\s+-+\s+|-{2,}")
_OPEN = re.compile(r"[(\[{（【]+")
_CLOSE = re.compile(r"[)\]}）】]+")
_DOTS = re.compile(r"(?:\s*\.){2,}|\s*…+[.…]*")
_JUNK = re.compile(r"[\\^~<>|*+=#@\"`´¨¬°™®©℃℉←→⇒−_]+")
_SPACES = re.compile(r"\s+")
_BEFORE_MARK = re.compile(r"\s+(?=[,;:.!?])(?!\.\d)")
_MARKS = re.compile(r"[,;:.!?](?:\s*[,;:.!?])+")
_LEADING = re.compile(r"^[\s,;:.!?/、，。；：'-]+(?=[^\s\d]|\s|\d)")
_WORD = re.compile(r"\w")
_HUGE = re.compile(rf"\S{{{LONGEST_WORD},}}")


def speakable(text: str, language: str = "en") -> str:
    """The text as a voice should be given it; "" when nothing in it can be spoken.

    English gets its numbers, symbols and abbreviations in words; other languages only lose their markup, for their
    voices read numbers themselves. Never raises; applied twice it changes nothing more.
    """
    for _ in range(_ROUNDS):
        before, text = text, _once(text, language.lower())
        if text == before:
            return text
    # Each round found something new: this is no text. Its bare words will do.
    return _once(" ".join(re.findall(r"[^\W\d_]{2,}", text)), language.lower())


def _once(text: str, language: str) -> str:
    english = language.startswith("en")
    text = _HUGE.sub(" ", plain(_say_addresses(text[:LONGEST_TEXT], english)))
    if english:
        text = _say_symbols(_say_abbreviations(_say_code_words(text)), day_first=language in ("en-gb", "en_gb"))
    return _tidy(text)


def _say_addresses(text: str, english: bool) -> str:
    """Before the markup goes, for an address may hold what looks like markup."""
    dot = " dot " if english else "."
    text = _URL.sub(lambda found: _site(found[1], english) + _tail(found[1]), text)
    if not english:
        return text
    text = _EMAIL.sub(lambda found: f"{_dotted(found[1], dot)} at {_dotted(found[2], dot)}", text)
    return _DOMAIN.sub(lambda found: _dotted(found[1], dot) + _tail(found[0]), text)


def _site(address: str, english: bool) -> str:
    host = re.split(r"[/?#]", address, maxsplit=1)[0].rsplit("@", 1)[-1].split(":")[0]
    host = host.rstrip(".,;!*_").removeprefix("www.")
    if len(host) > 60 or not _WORD.search(host):
        return "a link" if english else " "
    return _dotted(host, " dot ") if english else host


def _dotted(name: str, dot: str) -> str:
    return name.replace(".", dot).replace("-", " dash ").replace("_", " underscore ").replace("+", " plus ")


def _tail(address: str) -> str:
    """The punctuation after an address, which belongs to the sentence."""
    return address[len(address.rstrip(".,;:!?*_")) :].strip("*_")


def _say_code_words(text: str) -> str:
    text = _LANGUAGE.sub(lambda found: f"{found[1]} plus plus" if found[2] == "++" else f"{found[1]} sharp", text)
    text = _FILE.sub(r"\1 dot \2", text)
    text = _HASH.sub("number ", text)
    text = _TAGGED.sub("hashtag ", text)
    return _HANDLE.sub("at ", text)


def _say_abbreviations(text: str) -> str:
    text = _TITLE.sub(lambda found: _TITLES[found[1] or "Dr"], text)
    text = _SAINT.sub("Saint ", text)
    text = _STREET.sub(" Street", text)
    text = _LATIN.sub(_latin, text)
    text = _NUMBER_OF.sub("number ", text)
    text = _SECTION.sub(lambda found: f"{_SECTIONS[found[1].lower()]} ", text)
    text = _SHORTENED.sub(lambda found: _SHORT[found[1]] + _stop(found), text)
    text = _AND_LETTERS.sub(lambda found: f"{' '.join(found[1])} and {' '.join(found[2])}", text)  # AT&T is not "at"
    text = _WITH.sub(lambda found: "without " if found[1] else "with ", text)
    return _EITHER.sub(lambda found: found[0].replace("/", " " if "and" in found[0].lower() else " or "), text)


def _stop(found: re.Match[str]) -> str:
    """The full stop, where it ended the sentence, too."""
    rest = found.string[found.end() : found.end() + 3]
    return "." if not rest.strip(" )\"'") or (found[1] == "etc" and rest[1:2].isupper()) else ""


def _latin(found: re.Match[str]) -> str:
    pair = (found[1] + found[2]).lower()
    return {"eg": "for example,", "ie": "that is,"}.get(pair, found[0])


def _say_symbols(text: str, *, day_first: bool) -> str:
    text = _ARROW.sub(" to ", text)
    text = say_numbers(text, day_first=day_first)
    text = _INITIALS.sub(_initials, text)
    for pattern, words in _BETWEEN_DIGITS:
        text = pattern.sub(words, text)
    text = _COMPARED.sub(_compare, text)
    text = _SYMBOL.sub(lambda found: f" {_SYMBOLS[found[1]]} ", text)
    return text.replace("/", " ")


def _initials(found: re.Match[str]) -> str:
    letters = " ".join(found[0].replace(".", ""))
    rest = found.string[found.end() : found.end() + 2]
    ends = len(letters) > 1 and not rest.strip()
    return letters + ("." if ends else "")


def _compare(found: re.Match[str]) -> str:
    words = {"<": "less than", "<=": "at most", ">": "greater than", ">=": "at least"}
    return f" {words[found[1] + found[2]]} "


def _tidy(text: str) -> str:
    text = _SPACES.sub(" ", text)  # first: what follows is slow on long runs of them
    text = _DOTS.sub(lambda found: ". " if not found.string[found.end() :].strip(" \"')") else ", ", text)
    text = _DASH.sub(", ", text)
    text = _CLOSE.sub(", ", _OPEN.sub(", ", text))
    text = _SPACES.sub(" ", _JUNK.sub(" ", text))
    text = _BEFORE_MARK.sub("", text)
    text = _MARKS.sub(lambda found: _strongest(found[0]), text)
    text = _LEADING.sub("", text).strip(" ,;:-'/")
    return text if _WORD.search(text) else ""


def _strongest(marks: str) -> str:
    for mark in "?!.:;":
        if mark in marks:
            return mark
    return ","
