"""How sure a model was that it calls something, and of each value that it wrote: the probability of its tokens.

What it knows of the world (Paris is in France, gold is Au) it writes with a probability near 1; what it makes up, it
might as well have made up otherwise.
"""

import ast
from collections.abc import Mapping, Sequence
from math import exp
from typing import Any


def certainties(choice: Mapping[str, Any]) -> dict[str, float]:
    """The probability of the value of each argument, by what is told of the tokens of `a="b", c=2)`."""
    tokens = [
        (str(one.get("token", "")), float(one.get("logprob", -100.0)))
        for one in (choice.get("logprobs") or {}).get("content") or ()
    ]
    text = "".join(token for token, _ in tokens)
    begun = "f("
    try:
        node = ast.parse(begun + text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return {}
    if not isinstance(node, ast.Call):
        return {}
    # Python counts bytes
    places, at = list[tuple[int, int, float]](), len(begun) - (len(text) - len(text.lstrip()))
    for token, share in tokens:
        places.append((at, at + len(token.encode()), share))
        at = places[-1][1]
    return {
        one.arg: exp(
            sum(
                share
                for start, end, share in places
                if start < (one.value.end_col_offset or 0) and end > one.value.col_offset
            )
        )
        for one in node.keywords
        if one.arg
    }


def begun_with(choice: Mapping[str, Any], none: str, names: Sequence[str]) -> tuple[float, float]:
    """How likely "none" is, and how likely any of the names, by the tokens that the model might have begun with.

    A piece of both counts for the names: so common a word as "none" is a token of its own, and "n" begins "news.read".
    """
    content = (choice.get("logprobs") or {}).get("content") or [{}]
    nothing = something = 0.0
    for one in content[0].get("top_logprobs") or ():
        token, share = str(one.get("token", "")).strip().lower(), exp(float(one.get("logprob", -100.0)))
        if token and token != none and any(name.lower().startswith(token) for name in names):
            something += share
        elif token and none.startswith(token):
            nothing += share
    return nothing, something
