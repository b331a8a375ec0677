"""The marks of chat templates in a model's text: where it thinks, calls a tool, or ends its turn.

Every family of models has its own: `<think>`, `[THINK]`, `◁think▷`, `<|channel|>analysis<|message|>`, `<|im_end|>`,
`<｜end▁of▁sentence｜>`, `</s>`, `<tool_call>`, `[TOOL_CALLS]`. A stream may cut them anywhere.
"""

import re
from enum import Enum, auto

from voiceos.language import citations
from voiceos.language.citations import without_citations


class Mark(Enum):
    THINK = auto()
    """A thought begins."""
    ANSWER = auto()
    """A thought ends."""
    FOLD = auto()
    """A thought begins that is folded away, as other text may be."""
    UNFOLD = auto()
    """Folded text ends."""
    CHANNEL = auto()
    """What follows, up to the next mark, says whether a thought or the answer begins."""
    HEADER = auto()
    """A turn begins: the name of its speaker follows."""
    END = auto()
    """A turn ends."""
    TOOL = auto()
    """A tool is called."""
    NOTHING = auto()


def _beginning(words: str) -> str:
    """A pattern for what may become these words."""
    return "(?:".join(map(re.escape, words)) + ")?" * (len(words) - 1)


_ANGLED = r"<[|/]{0,2}[A-Za-z_][\w:.=/-]{0,60}(?: [^<>\n]{0,60})?[|/]?>"
MARK = re.compile(
    _ANGLED + r"|\[\|[^\[\]|\n]{1,40}\|\]|\[/?(?:(?:BEGIN_|END_)?THINK|INST|TOOL_[A-Z]+|SYSTEM_PROMPT|[BE]OS|PAD)\]"
    r"|\[e~\[|◁/?think▷|(?<!\S)/(?:no_)?think(?!\S)|assistantfinal(?=\s?\S)|(?:assistant)?commentary to="
)
UNFINISHED = re.compile(
    r"(?:(?:<0x[0-9A-Fa-f]{2}>){1,16}(?:<[0-9A-Fax]{0,4})?|[\ud800-\udbff]|(?<![`~])[`~]{1,2}|assistantfinal\s"
    rf"|(?<!\S)(?:{_beginning('/think')}|{_beginning('/no_think')})"
    rf"|{_beginning('assistantfinal')}|{_beginning('assistantcommentary to')}|{_beginning('commentary to')}"
    r"|<(?:[|/]{1,2}|[|/]{0,2}[A-Za-z0-9_][\w:.=/-]{0,60}(?: [^<>\n]{0,60})?[|/]?)?|\[e~\[?|◁/?[a-z]{0,5}"
    rf"|{citations.UNFINISHED})\Z"
)
"""A possible beginning of a mark at the end of a piece."""
_BYTES = re.compile(r"(?:<0x[0-9A-Fa-f]{2}>)+")
_TURN_TOKENS = str.maketrans({"｜": "|", "▁": " "})

_THOUGHT = re.compile(
    r"(?:\w+[_:])?(?:think\w*|thoughts?|reasoning|reflection|analysis|scratchpad|inner_monologue)|(?:unused|ctrl)9[45]"
)
_TOOL = re.compile(
    r"(?:\w+:)?(?:tool|function)s?(?:[ _]?(?:calls?|use|code|outputs?|results?|responses?))?(?:[ _](?:section_)?"
    r"(?:begin|start|sep))?(?:=.*)?|functioncall|toolcall|python_tag|invoke|action_start|call|use_tool"
)
_HEADER = set(
    "im_start im_system im_user im_assistant start_header_id start start_of_turn start_of_role turn header_start role "
    "extra_id_1".split()
)
_ENDS = {"/s", "eos", "end_of_turn", "eot", "end_turn", "/inst", "inst", "sep", "/start_of_turn", "e~"}
_LEADS = set(
    "s bos pad unk message im_sep im_middle end_header_id header_end begin_of_text startoftext begin_of_solution "
    "start_response start_text end_of_role".split()
)
_WRAPPERS = {"answer", "response", "final_answer"}


def straight(text: str) -> str:
    """The text with the bars and blanks that some families use in their marks replaced by usual ones."""
    return text.translate(_TURN_TOKENS) if "｜" in text or "▁" in text else text


def cleaned(text: str) -> str:
    """Bytes and halves of characters that came as tokens joined; no control characters, and no marks of sources."""
    text = _BYTES.sub(lambda found: bytes.fromhex(re.sub("<0x|>", "", found[0])).decode("utf-8", "ignore"), text)
    if any("\ud800" <= character <= "\udfff" for character in text):
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "ignore")
    return without_citations(re.sub(r"[\x00-\x08\x0b-\x1f\x7f]", "", text))


def meaning(mark: str) -> Mark | None:
    """What a mark means; None for what is none, such as a tag of HTML."""
    inside = mark.strip("<>[]◁▷")
    is_token = inside.startswith("|") or inside.endswith("|")
    name = inside.strip("|").lower().replace(" ", "_") if is_token else inside.lower().partition(" ")[0]
    bare = name.removeprefix("/").removesuffix("/")
    if mark == "assistantfinal":
        return Mark.ANSWER
    if mark.endswith(" to="):
        return Mark.TOOL
    if mark in ("/think", "/no_think"):
        return Mark.NOTHING
    if bare == "details":
        return Mark.UNFOLD if name == "/details" else Mark.FOLD if 'type="reasoning"' in inside else None
    if bare == "constrain":
        return None  # it stays in the header of its channel
    if bare == "channel":
        return Mark.ANSWER if inside == "channel|" else Mark.CHANNEL
    if _THOUGHT.fullmatch(bare):
        closes = name.startswith(("/", "end")) or bare.endswith("95")
        return Mark.ANSWER if closes else Mark.THINK
    if _TOOL.fullmatch(bare):
        return Mark.TOOL
    if bare in _HEADER and (is_token or bare != "start"):
        return Mark.END if name.startswith("/") or inside == "turn|" else Mark.HEADER
    if name in _LEADS or bare in _WRAPPERS:
        return Mark.NOTHING
    if is_token or name in _ENDS:
        return Mark.END
    return None
