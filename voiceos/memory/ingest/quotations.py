"""The lines of a mail that are quoted, however a program marks them."""

import re
from collections import Counter
from collections.abc import Iterator

from voiceos.memory.ingest.attributions import ENDS, attribution

QUOTED = re.compile(r"\s{0,3}>(?!=)")
_INITIALS = re.compile(r"\s{0,2}([A-Z][A-Za-z'’]{0,4})(?=> )")
"""Before the mark."""
_BAR = re.compile(r"\s{0,3}\|(?= .*[^|\s]\s*$)")
_OWN_MARK = re.compile(r"\A(?:[|:;%#}=+$!]{1,2}|-{1,2}\]|=>)(?= |\w)")
"""Where the writer chose it."""
_LONG, _REMAINDER = 60, 30
"""Characters of a quoted line that a program broke; of what it left over, without a mark."""


def marked(lines: list[str]) -> list[str]:
    """With the usual mark before what some programs quote with initials or a bar."""
    initials = Counter(found[1] for line in lines if (found := _INITIALS.match(line)))
    found = [_INITIALS.match(line) for line in lines]
    bare = [line[one.end() :] if one and initials[one[1]] > 1 else line for line, one in zip(lines, found, strict=True)]
    bars = [bool(_BAR.match(line)) for line in bare]
    paired = [
        one and True in (bars[max(0, place - 1) : place] + bars[place + 1 : place + 2])
        for place, one in enumerate(bars)
    ]
    bare = [_BAR.sub(">", line) if quoted else line for line, quoted in zip(bare, paired, strict=True)]
    marks = tuple(_own_marks(bare))
    return [_OWN_MARK.sub(">", line, count=1) if marks and line.startswith(marks) else line for line in bare]


def _own_marks(lines: list[str]) -> Iterator[str]:
    """The marks of quotations, other than the usual ones, below who wrote them."""
    for number, line in enumerate(lines):
        if line.rstrip().endswith(ENDS) and attribution([line]):
            below = next((one for one in lines[number + 1 : number + 4] if one.strip()), "")
            if own := _OWN_MARK.match(below):
                yield own[0]


def is_remainder(lines: list[str], number: int) -> bool:
    """Whether a line is the end of a quoted one, which a program broke."""
    if not 0 < number < len(lines) - 1 or not (QUOTED.match(lines[number - 1]) and QUOTED.match(lines[number + 1])):
        return False
    return len(lines[number - 1]) > _LONG and len(lines[number]) < _REMAINDER and lines[number][:1].islower()


def unquoted(lines: list[str]) -> list[str]:
    return [re.sub(r"^\s{0,3}> ?", "", line) for line in lines]
