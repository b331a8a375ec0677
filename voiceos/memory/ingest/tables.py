"""Words and names that programs write into files, in many languages: the tables (TOML) beside this file."""

import re
import tomllib
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def wordlist(name: str) -> dict[str, Any]:
    """The table `name`.toml."""
    return tomllib.loads(files(__package__ or "").joinpath(f"{name}.toml").read_text("utf-8"))


def month_of(name: str) -> int:
    """The number of a month that is written out in some language; 0 if it is none."""
    plain = name.casefold()
    return next((number for number, one in enumerate(wordlist("months")["months"], 1) if re.match(one, plain)), 0)
