"""The reply in a model's output, without thoughts, template marks, tool calls and invented speakers."""

import ast
import json
import re
from collections.abc import Iterator
from contextlib import suppress
from typing import cast

from voiceos.language.data import any_of, table
from voiceos.mind.template_marks import MARK, UNFINISHED, Mark, cleaned, meaning, straight

LONGEST_HELD = 2_000
"""Characters of a block of JSON or code that is waited for."""
_CALLS = ("tool", "tool_name", "tool_call", "tool_calls", "function", "function_call", "action", "service")
_ARGUMENTS = ("arguments", "parameters", "args", "input")
_CALL = re.compile(
    r"\[?(?:print\(|call:)?[a-z]\w*(?:\.\w+)*(?:\(.*\)|\{.*\})\]?|(?:Thought:.*\n)?Action:[^\n]*\n\s*Action Input:.*",
    re.DOTALL,
)
_ALMOST_CALL = re.compile(r"\[?[a-z][\w:]*(?:\.\w*)*(?:[({].*)?|(?:Thought:|Action:|analysis[A-Z]).*", re.DOTALL)
_BLOCK = re.compile(r"(?:\A|(?<=\n))[ \t]*(?=\{|\[\s*[{\"]|```|~~~)")
_FENCE = re.compile(r"(```|~~~)([^\n`~]*)\n?(.*?)(\1|\Z)", re.DOTALL)


class ReplyText:
    """Takes the output piece by piece, and returns what should be spoken."""

    def __init__(self, name: str = "", *, holding: bool = False) -> None:
        """`name`: what the assistant is called. `holding`: give nothing before a thought has ended, or the output."""
        self._raw = ""
        """The possible beginning of a mark."""
        self._ready = ""
        self._fallback: str | None = None
        """What was taken for a thought: the reply, should there be nothing else."""
        self._depth = 0
        self._has_thought = False
        self._is_folded = False
        self._header: str | None = None
        self._in_channel = False
        self._given = ""
        """The end of what was given."""
        self._said_by = data = table("en", "model")
        self._itself = [label.lower() for label in (*data["assistant"], name) if label]
        itself, others, sure = any_of(self._itself), any_of(data["others"]), any_of(data["sure_others"])
        self._own_label = re.compile(rf"[ \t*_#\[]*(?:{itself})[ \t*_\]]*:[ \t*_]*", re.IGNORECASE)
        self._next_speaker = re.compile(
            rf"\n[ \t*_#\[<]*(?:{others})[ \t*_\]>]*:|\n(?:###\s*(?:(?:{others})\b|response:)|<(?:{sure})>)"
            rf"|(?<=[.!?…\"”])\n{{1,2}}(?-i:{sure}|{itself})[ \t]*\n"
            rf"|(?<=[.!?…\"”])[ \t]+(?:{sure}|{itself}):",
            re.IGNORECASE,
        )
        self._thought = re.compile(rf"[\W\d]*(?:analysis(?=[A-Z])|(?i:{any_of(data['thoughts'])})\b|[^\W\d_\0-\u024f])")
        self.holding = holding
        self.over = False
        """Whether the rest is not part of the reply."""
        self.tool_called = False
        self.thought_first = False
        """Whether it began with a thought without saying so."""

    @property
    def begun(self) -> bool:
        """Whether there are words of the reply, given or held back."""
        return bool(self._given or self._ready.strip())

    @property
    def thinks_aloud(self) -> bool:
        """Whether what is held back reads like a thought, or may yet."""
        return bool(self._thought.match(self._ready)) or _may_be(self._ready, self._said_by["thoughts"])

    def __call__(self, piece: str) -> str:
        text = self._raw + straight(piece)
        unfinished = UNFINISHED.search(text)
        self._raw = unfinished[0] if unfinished else ""
        self._scan(cleaned(text[: len(text) - len(self._raw)]))
        return "" if self.holding else self._give(at_end=self.over)

    def rest(self) -> str:
        """What was held back, at the end of the output."""
        self._scan(cleaned(self._raw))
        if self._header:
            self._ready += self._header_read().partition(" ")[2]
        self._raw, self.holding = "", False
        if not self.begun and not self.tool_called:
            self._ready, self._fallback = self._fallback or "", None
        return self._give(at_end=True)

    def _scan(self, text: str) -> None:
        """Takes the marks out of the text; the rest is ready, unless it is a thought."""
        begin = 0
        for found in MARK.finditer(text):
            if mark := meaning(found[0]):
                self._take(text[begin : found.start()])
                begin = found.end()
                self._heed(mark)
        self._take(text[begin:])

    def _take(self, text: str) -> None:
        if self._header is not None:
            self._header += text
            if "\n" not in self._header:
                return
            text = self._header_read().partition("\n")[2]
        if self.over:
            return
        if not self._depth:
            self._ready += text
        elif self._fallback is not None:
            self._fallback += text

    def _header_read(self) -> str:
        """Heeds what follows the mark of a turn or a channel, and returns it."""
        header, self._header = self._header or "", None
        name = header.strip().lower()
        if self._in_channel:
            self._depth = 0 if name.startswith("final") else 1
            self._fallback = "" if name.startswith("commentary") else None
            self._call_tool(" to=" in name)
        elif name.startswith(tuple(self._said_by["sure_others"])):
            self.over = True
        return header

    def _heed(self, mark: Mark) -> None:
        if self._header is not None:
            self._header_read()
        if mark in (Mark.THINK, Mark.FOLD):
            self._is_folded |= mark is Mark.FOLD
            self._depth, self._fallback, self._has_thought = self._depth + 1, None, True
        elif mark is Mark.ANSWER:
            stray = not self._depth and not self._has_thought
            self.thought_first |= stray
            self._fallback, self._ready = (self._ready, "") if stray else ("", self._ready)
            self._depth, self.holding = max(0, self._depth - 1), False
        elif mark is Mark.UNFOLD:
            self._depth, self._is_folded = max(0, self._depth - self._is_folded), False
        elif mark is Mark.CHANNEL:
            self._in_channel, self._header = True, ""
        elif self._depth and not self._in_channel:
            pass  # a thought may quote them
        elif mark is Mark.TOOL:
            self._call_tool(True)
        elif mark in (Mark.HEADER, Mark.END):
            self.over |= self.begun
            self._depth, self._in_channel = 0, False
            self._header = "" if mark is Mark.HEADER else None

    def _call_tool(self, called: bool) -> None:
        """What follows a call cannot be trusted: no tool was there."""
        self.tool_called |= called
        self.over |= called

    def _give(self, *, at_end: bool) -> str:
        """As much of the ready text as can be returned now."""
        ready = self._ready
        if not self._given:
            ready = ready.lstrip()
            label = self._own_label.match(ready)
            if label and (at_end or label.end() < len(ready)):
                ready = ready[label.end() :]
        if other := self._next_speaker.search(self._given + ready):
            ready, self.over, at_end = ready[: max(0, other.start() - len(self._given))], True, True
        if at_end and not self._given and _CALL.fullmatch(ready.strip()):
            self._call_tool(True)
            ready = ""
        text = ""
        for before, block, after in _blocks(self._given, ready, at_end=at_end):
            alone = not (self._given + text + before + after).strip()
            if alone and not at_end:
                break  # there may be words to come
            text, ready = text + before + self._said_in(block, alone=alone), after
            if self.over:
                ready = ""
                break
        settled = len(ready) if at_end else self._settled(ready)
        text, self._ready = text + ready[:settled], ready[settled:]
        self._given = (self._given + text if self._given else text.lstrip())[-2:]
        return text

    def _said_in(self, block: str, *, alone: bool) -> str:
        """A block of JSON or code as it is, or the words in it, or nothing if it calls a tool."""
        fence = _FENCE.match(block)
        content = fence[3] if fence else block
        if (fence and fence[2].strip().startswith("tool")) or _is_call(found := _json(content)):
            self._call_tool(True)
            return ""
        if alone and isinstance(found, dict | list):
            return self._words(cast(object, found)) or block
        return content if alone and fence and fence[2].strip() in ("", "text", "plaintext", "markdown", "md") else block

    def _words(self, found: object) -> str:
        """The words in JSON that is a reply: what is first under a key for them, however deep."""
        if isinstance(found, list):
            return "".join(self._words(one) for one in cast("list[object]", found) if isinstance(one, dict))
        if isinstance(found, dict):
            fields = cast("dict[str, object]", found)
            named = (value for key, value in fields.items() if key in self._said_by["words"] or len(fields) == 1)
            return next(filter(None, map(self._words, named)), "")
        return found if isinstance(found, str) else ""

    def _settled(self, ready: str) -> int:
        """How much of what is ready cannot turn out to be something else."""
        if len(ready) > LONGEST_HELD:
            return len(ready)
        labels = [*self._itself, *self._said_by["others"], *self._said_by["beginnings"]]
        if not self._given and (
            _ALMOST_CALL.fullmatch(ready) or self._own_label.fullmatch(ready) or _may_be(ready, labels)
        ):
            return 0
        if block := _BLOCK.search(self._given + ready):
            ends = [len(ready), max(0, block.start() - len(self._given))]
        else:
            ends = [len(ready)]
        line = ready.rfind("\n")
        if line >= 0 and _may_be(ready[line:], labels):
            ends.append(line)
        sentence = max((self._given + ready).rfind(end) for end in '.!?…"”') - len(self._given)
        if sentence >= -1 and _may_be(ready[sentence + 1 :], [*self._itself, *self._said_by["sure_others"]]):
            ends.append(sentence + 1)
        return min(ends)


def _may_be(beginning: str, labels: list[str]) -> bool:
    """Whether one of the labels begins like this."""
    bare = beginning.strip(" \t\n*_#[]<>.0123456789").lower()
    return len(beginning) < 40 and any(label.startswith(bare) for label in labels)


def _blocks(given: str, text: str, *, at_end: bool) -> Iterator[tuple[str, str, str]]:
    """The finished blocks of JSON or code that begin a line, each with what is before it, and all that is after it.

    `given` is what comes before the text.
    """
    while found := _BLOCK.search(given + text):
        begin = found.end() - len(given)
        rest = text[begin:]
        if fence := _FENCE.match(rest):
            length = fence.end() if fence[4] or at_end else 0
        else:
            try:
                length = json.JSONDecoder().raw_decode(rest)[1]
            except (ValueError, RecursionError):
                length = len(rest) if at_end else 0
        if not length:
            return
        before, text, given = text[:begin], rest[length:], ""
        yield before, rest[:length], text


def _json(text: str) -> object:
    for read in (json.loads, ast.literal_eval):
        with suppress(ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
            return read(text)
    return text


def _is_call(found: object) -> bool:
    """Whether this is how models call tools; for broken JSON, whether it starts like that."""
    if isinstance(found, list):
        return any(_is_call(one) for one in cast("list[object]", found) if isinstance(one, dict))
    if isinstance(found, dict):
        fields = cast("dict[str, object]", found)
        return any(fields.get(key) for key in _CALLS) or ("name" in fields and any(key in fields for key in _ARGUMENTS))
    return bool(re.match(r'\s*\[?\s*\{\s*"(?:name|function|tool\w*|action)"\s*:', str(found)))
