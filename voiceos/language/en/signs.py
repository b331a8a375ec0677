"""English addresses, abbreviations and signs as they are said."""

import re

from voiceos.language.data import table


def dotted(name: str) -> str:
    """The name of a site, or a part of an address."""
    for mark, word in ((".", "dot"), ("-", "dash"), ("_", "underscore"), ("+", "plus")):
        name = name.replace(mark, f" {word} ")
    return name


def tail(address: str) -> str:
    """The punctuation after an address, which belongs to the sentence."""
    return address[len(address.rstrip(".,;:!?*_")) :].strip("*_")


def domain(found: re.Match[str]) -> str:
    return dotted(found[1]) + tail(found[0])


def rated(found: re.Match[str]) -> str:
    return f"{len(found[1])} out of {len(found[1] + found[2])} stars"


def path(found: re.Match[str]) -> str:
    if not found[1] + found[2]:
        return found[0]
    names = re.sub(r"(?<![\w.-])\.", "dot ", found[2] + found[3])
    return f"{'tilde ' if found[1] else ''}slash {names.replace('/', ' slash ')}"


def shortened(found: re.Match[str]) -> str:
    """With the full stop, where it ended the sentence, too."""
    rest = found.string[found.end() : found.end() + 3]
    ends = not rest.strip(" )\"'") or (found[1] == "etc" and rest[1:2].isupper())
    return table("en", "abbreviations")["shortened"][found[1]] + "." * ends


def either(found: re.Match[str]) -> str:
    return found[0].replace("/", " " if "and" in found[0].lower() else " or ")


def initials(found: re.Match[str]) -> str:
    letters = " ".join(found[0].replace(".", "").replace("Ph", "PH"))
    rest = found.string[found.end() : found.end() + 2]
    return letters + ("." if len(letters) > 1 and not rest.strip() else "")


def capital(letter: str) -> str:
    return letter.upper()
