"""How sure a model was of each value of a call that it wrote: the probability of its tokens.

What it knows of the world (Paris is in France, gold is Au) it writes with a probability near 1; what it makes up, it
might as well have made up otherwise.
"""

import ast
from collections.abc import Mapping
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
