"""What stands on a page in English, as it is said: addresses, abbreviations, code words, signs and numbers."""

import re

from voiceos.language.data import any_of, table
from voiceos.language.en.numbers import say_numbers

_DATA = table("en", "abbreviations")
_SIGNS = table("en", "symbols")
_TITLES: dict[str, str] = _DATA["titles"]
_SHORT: dict[str, str] = _DATA["shortened"]
_SECTIONS: dict[str, str] = _DATA["sections"]
_ANYWHERE: dict[str, str] = _SIGNS["anywhere"]

_EMAIL = re.compile(r"(?<![\w.+%@-])([\w.+%-]{1,64})@((?:[\w-]{1,63}\.){1,5}[^\W\d_]{2,24})\b")
_DOMAIN = re.compile(
    rf"(?<![\w.@-])((?:[a-z0-9][a-z0-9-]{{0,62}}\.){{1,4}}(?:{any_of(_DATA['endings']['sites'].split())}))(?![\w@-])"
    r"(?:/[^\s,;()]{0,300})?",
    re.IGNORECASE,
)
_ENDING = any_of(_DATA["endings"]["files"].split())
_FILE = re.compile(rf"(?<![\w.])([\w-]{{1,60}})\.({_ENDING})\b(?:\.({_ENDING})\b)?")
_HIDDEN_FILE = re.compile(rf"(?<![\w.)])\.(?=(?:{_ENDING}|NET)\b)")
_PATH = re.compile(r"(?<![\w/.:~<])(~?)/((?:\.?[A-Za-z][\w.-]{0,60}/){0,12})(\.?[A-Za-z][\w.-]{1,60})(?![\w>])")

_TITLE = re.compile(rf"\b({any_of(_TITLES)})\.(?= ?[^\W\d_])|\bDr\b(?= [A-Z])")
_SAINT = re.compile(r"\bSt\. (?=[A-Z])")
_STREET = re.compile(r"(?<=[a-z]) St\.(?! ?[A-Z])")
_SHORTENED = re.compile(rf"\b({any_of(_SHORT)})\.(?:(?=\W{{0,3}}\Z)|(?= [A-Z])|)")
_WHOLE = re.compile(rf"(?<![\w/.])({any_of(_DATA['words'])})(?![\w/])")
_LATIN = re.compile(r"\b([EeIi])\.? ?([GgEe])\.,?(?= )")
_NUMBER_OF = re.compile(r"\b([Nn]o|[Nn]r|№)\.? (?=\d)|№ ?(?=\d)")
_SECTION = re.compile(rf"\b({any_of(_SECTIONS)})\. ?(?=\d)", re.IGNORECASE)
_PARAGRAPHS = re.compile(r"§§ ?")
_INITIALS = re.compile(r"\b(?:[A-Z]\.){2,8}|(?<![\w.'])[A-Z]\.(?= [A-Z])|\bPh\.D\.")
_HASH = re.compile(r"# ?(?=\d)")
_HASH_KEY = re.compile(r"(?<=\w )#(?= [a-z]|[.,;!?]|$)")
_STAR_KEY = re.compile(r"(?<=\w )\*(?= [a-z]{2}|[.,;!?]|$)")
_TAGGED = re.compile(r"(?<!\w)#(?=\w)")
_HANDLE = re.compile(r"(?<!\w)@(?=\w)|(?<=\w )@(?= ?[\w$€£])")
_STARS = re.compile(r"(?<=\d) ?★|(★{2,5}|★(?=☆))(☆{0,4})")
_PROGRAMMING = re.compile(r"\b([A-Z])(\+\+|#)(?![A-Za-z_])")
_NOTE = re.compile(rf"\b([A-G]) ?([{''.join(_SIGNS['notes'])}])")
_AND_LETTERS = re.compile(r"\b([A-Z]{1,3})&([A-Z]{1,3})\b")
_WITH = re.compile(r"(?<!\w)w/(o\b ?)?")
_EITHER = re.compile(rf"\b({any_of(_SIGNS['either']['words'].split())})\b", re.IGNORECASE)
_CALCULATED = [
    (re.compile(r"(?<=\d) ?[×*] ?(?=\d)|(?<=\d) x (?=\d)"), " times "),
    (re.compile(r"(?<=\d)x(?=\d)"), " by "),
    (re.compile(r"(?<=\d) ?[×x](?!\w)"), " times"),
    (re.compile(r"(?<=\b[a-z]) \* (?=[a-z]\b)"), " times "),
    (re.compile(r"(?<=[\w)]) \+ ?(?=[\w(])|(?<=\w)\+(?=\w)"), " plus "),
    (re.compile(r"(?<=\d)\+|(?<=\w)\+(?=[\s.,;:!?)]|$)"), " plus"),
    (re.compile(r"(?<![\w)+])\+ ?(?=\d)"), "plus "),
    (re.compile(r"(?<=\d) [-−] (?=\d)|(?<=\d)−(?=\d)|(?<=\d)-(?=\d{1,9} ?=)"), " minus "),
    (re.compile(r"(?<=\b[A-Za-z]) [−-] (?=[A-Za-z\d]\b)"), " minus "),
    (re.compile(r"(?<![\w)])[-−] ?(?=\d)|−(?=\w)|(?:(?<=[a-z(] )|(?<=\()|^)–(?=\d)"), "minus "),
    (re.compile(r"(?<=\b[A-F])[-−](?=[\s.,;:!?)]|$)"), " minus"),
    (re.compile(r"(?<=\d) ?÷ ?(?=\d)|(?<=\d) / (?=\d)"), " divided by "),
    (re.compile(r"(?<=[\w)])\^ ?[{(]?-(?=\d)"), " to the power of minus "),
    (re.compile(r"(?<=[\w)])\^ ?\{?(?=\w)"), " to the power of "),
    (re.compile(r"(?<!\w)~ ?(?=\d)|≈(?=\d)"), " about "),
    (re.compile(r"(?<![\w)] )(?<![\w)<])<= ?(?=\d)"), "at most "),
    (re.compile(r"(?<![\w)] )(?<![\w)>=-])>= ?(?=\d)"), "at least "),
    (re.compile(r"(?<![\w)] )(?<![\w)<])< ?(?=\d)"), "less than "),
    (re.compile(r"(?<![\w)] )(?<![\w)>=-])> ?(?=\d)"), "more than "),
]  # fmt: skip
_SIGN = re.compile(rf" ?([{''.join(_ANYWHERE)}])+ ?")
_COMPARISON: dict[str, str] = _SIGNS["words"]
_COMPARED = re.compile(r"(?<=[\w)]) ?(==|!=|[<>]=?) ?(?=[\w(-])")
_ARROW = re.compile(r"<?[-=]{1,3}>(?!=)")


def say_addresses(text: str) -> str:
    """Before the markup goes, for an address may hold what looks like markup."""
    text = _EMAIL.sub(lambda found: f"{dotted(found[1])} at {dotted(found[2])}", text)
    return _DOMAIN.sub(lambda found: dotted(found[1]) + tail(found[0]), text)


def say(text: str, *, day_first: bool) -> str:
    """Everything in words; plain numbers stay."""
    return _say_signs(_say_abbreviations(_say_code_words(text)), day_first)


def dotted(name: str) -> str:
    """The name of a site, or a part of an address."""
    for mark, word in ((".", "dot"), ("-", "dash"), ("_", "underscore"), ("+", "plus")):
        name = name.replace(mark, f" {word} ")
    return name


def tail(address: str) -> str:
    """The punctuation after an address, which belongs to the sentence."""
    return address[len(address.rstrip(".,;:!?*_")) :].strip("*_")


def _say_code_words(text: str) -> str:
    text = _PROGRAMMING.sub(
        lambda found: f"{found[1]} {'plus plus' if found[2] == '++' else 'sharp'}" + _gap(found), text
    )
    text = _STARS.sub(_stars, text)
    text = _NOTE.sub(lambda found: f"{found[1]} {_SIGNS['notes'][found[2]]}", text)
    text = _PATH.sub(lambda found: found[0] if not found[1] + found[2] else _path(found), text)
    text = _FILE.sub(lambda found: " dot ".join(filter(None, found.groups())), text)
    text = _HIDDEN_FILE.sub("dot ", text)
    text = _HASH.sub("number ", text)
    text = _HASH_KEY.sub("hash", text)
    text = _STAR_KEY.sub("star", text)
    text = _TAGGED.sub("hashtag ", text)
    return _HANDLE.sub("at ", text)


def _stars(found: re.Match[str]) -> str:
    return f"{len(found[1])} out of {len(found[1] + found[2])} stars" if found[1] else " stars"


def _gap(found: re.Match[str]) -> str:
    return " " if found.string[found.end() : found.end() + 1].isdigit() else ""


def _path(found: re.Match[str]) -> str:
    names = re.sub(r"(?<![\w.-])\.", "dot ", found[2] + found[3])
    return f"{'tilde ' if found[1] else ''}slash {names.replace('/', ' slash ')}"


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
    text = _WHOLE.sub(lambda found: _DATA["words"][found[1]], text)
    return _EITHER.sub(lambda found: found[0].replace("/", " " if "and" in found[0].lower() else " or "), text)


def _stop(found: re.Match[str]) -> str:
    """The full stop, where it ended the sentence, too."""
    rest = found.string[found.end() : found.end() + 3]
    return "." if not rest.strip(" )\"'") or (found[1] == "etc" and rest[1:2].isupper()) else ""


def _latin(found: re.Match[str]) -> str:
    return _DATA["latin"].get((found[1] + found[2]).lower(), found[0])


def _say_signs(text: str, day_first: bool) -> str:
    text = _ARROW.sub(" to ", text)
    text = _PARAGRAPHS.sub("sections ", text)
    text = say_numbers(text, day_first=day_first)
    text = _INITIALS.sub(_initials, text)
    for pattern, words in _CALCULATED:
        text = pattern.sub(words, text)
    text = _COMPARED.sub(lambda found: f" {_COMPARISON[found[1]]} ", text)
    text = _SIGN.sub(lambda found: f" {_ANYWHERE[found[1]]} ", text)
    return text.replace("/", " ")


def _initials(found: re.Match[str]) -> str:
    letters = " ".join(found[0].replace(".", "").replace("Ph", "PH"))
    rest = found.string[found.end() : found.end() + 2]
    return letters + ("." if len(letters) > 1 and not rest.strip() else "")
