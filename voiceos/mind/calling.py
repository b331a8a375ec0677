"""Which tool a request needs, and with which arguments: a local model chooses and fills in, rules decide.

The encoder offers few tools or none, the model's own doubt is weighed with that, and arguments that nobody gave are
left out. What the model wrote is checked against the tool's form, whatever constrained it: constraints fail open.
"""

import logging
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import inf, log
from typing import Any, cast

from voiceos.clock import local_time
from voiceos.engines.llama_process import Slot
from voiceos.language.data import pattern, table
from voiceos.mind.calling_prompt import call_names, messages
from voiceos.mind.certainty import begun_with, certainties
from voiceos.mind.endpoint_client import EndpointClient, warmed
from voiceos.mind.fitting import fitted
from voiceos.mind.offering import Alike, Offered, Told, few, offered_for
from voiceos.mind.prompt import Message
from voiceos.mind.reply_stream import text_of
from voiceos.mind.supported import Said, may_be_given, unsupported, without_unsupported
from voiceos.tools.form import Field, Form, Kind, wrong
from voiceos.tools.grammar import arguments_grammar, names_grammar, read_arguments
from voiceos.tools.tool import Call, Effect, Tool

logger = logging.getLogger(__name__)

MOST_DOUBT = -1.3
"""The logarithm of the odds of "none" above which nothing is called."""
MOST_DOUBT_READ = -0.7
"""The same where all tools stand in the prompt, in full: "none" is likelier then."""
MOST_DOUBT_PLAIN = -0.7
"""The same where a request is plainly for one tool, which changes nothing."""
CERTAIN = 0.55
"""How likely the model must have been to write a text that nobody said for it to be knowledge."""
CERTAIN_NUMBER = 0.95
"""The same for a number."""
MOST_TOKENS = 200
NAME_TOKENS = 40
LOOKED_AT = 20
"""Tokens that the model might begin with, whose probabilities are asked for."""
UNSEEN = 1e-5
"""The probability of a beginning that is not among them."""


@dataclass(frozen=True, slots=True)
class Lacks:
    """A tool fits, but a value that it needs was not said."""

    tool: Tool
    field: Field


@dataclass(frozen=True, slots=True)
class Weighed:
    """How one request was judged."""

    alike: float
    doubt: float
    """The logarithm of the odds that the model would have called nothing."""
    most: float = MOST_DOUBT
    """The most with which something is called."""
    near: Tool | None = None
    """A tool that may be meant all the same."""

    @property
    def fits(self) -> bool:
        return self.doubt <= self.most


class Calling:
    """Asks the local model. Its prompt begins the same each time, which the server's cache likes."""

    def __init__(
        self,
        client: Callable[[], Awaitable[EndpointClient]],
        alike: Alike | None = None,
        language: str = "en",
        now: Callable[[], datetime] = local_time,
    ) -> None:
        """Without `alike` the first few tools are offered."""
        self._client = client
        self._alike = alike
        self._language = language
        self._now = now
        self._read: Told = {}
        """The few tools that the server has read."""
        self.weighed: Weighed | None = None
        """How the last request was judged."""

    async def __call__(
        self, text: str, tools: Sequence[Tool], earlier: Sequence[str] = (), agreed: bool = False
    ) -> Call | Lacks | None:
        """The call that a request needs. `earlier`: what the same person said before. Raises MindError.

        `agreed`: to use the tool, whatever the doubt.
        """
        self.weighed = None
        said = Said(" ".join([*earlier, text]), self._now())
        follows = earlier and pattern(self._language, "following", "other").match(text.strip())
        about = f"{earlier[-1]} {text}" if follows else text  # "And in Oslo?"
        offered = {}
        for one in offered_for(about, tools, self._alike):
            offered[call_names([one.tool.name])[0]] = one
        if not offered:
            return None
        forms = {name: (one.tool.about, may_be_given(one.form, said)) for name, one in offered.items()}
        day, before = self._now() if said.times else None, earlier[-1] if earlier else ""
        is_read = bool(self._read) and self._read == few(tools)
        prompt = messages(text, self._read if is_read else forms, before, day, self._language)
        most = inf if agreed else MOST_DOUBT_READ if is_read else most_doubt(list(offered.values()))
        name = await self._chosen(prompt, offered, most)
        made = await self._filled(prompt, name, forms[name][1], offered[name], said) if name else None
        if follows and isinstance(made, Call) and not _has_any(made, offered[name].form, Said(text, self._now())):
            return None  # the model has only repeated the call before
        return made

    @property
    def unused(self) -> Tool | None:
        """The tool that may have been meant by the last request, where nothing was called for doubt."""
        return self.weighed.near if self.weighed and not self.weighed.fits else None

    async def warm(self, tools: Sequence[Tool] = ()) -> None:
        """Has the server read what each prompt begins with; few tools, too, which then stand in every prompt.

        A token that has been read before costs nothing, and the description of a tool is longer than a request.
        """
        told = few(tools)
        if await warmed(self._client, Slot.CALLING, messages("", told, language=self._language)):
            self._read = told

    async def _chosen(self, prompt: list[Message], offered: Mapping[str, Offered], most: float) -> str:
        """The name of the tool that the model would call; "" for none, or with more than `most` doubt."""
        first = await self._asked(prompt, most_tokens=1, weighed=LOOKED_AT)
        none = table(self._language, "calling")["none"]
        nothing, something = begun_with(first, none, [*offered])
        best = max(offered.values(), key=lambda one: one.alike)
        doubt = log(max(nothing, UNSEEN)) - log(max(something, UNSEEN))
        near = best.tool if best.is_plain or doubt <= 0 else None
        self.weighed = Weighed(best.alike, doubt, most, near)
        logger.debug("%s, alike %.2f: doubt %.2f of %.2f", ", ".join(offered), best.alike, doubt, most)
        if not self.weighed.fits:
            return ""
        if len(offered) == 1:
            return next(iter(offered))
        name = written(await self._asked(prompt, most_tokens=NAME_TOKENS, grammar=names_grammar(list(offered))))
        return name if name in offered else ""

    async def _filled(
        self, prompt: list[Message], name: str, form: Form, chosen: Offered, said: Said
    ) -> Call | Lacks | None:
        """The call, once its arguments have passed; the model may mend them once."""
        if not form.fields:
            return Call(chosen.tool, {})
        problem = ""
        for _ in range(2):
            begun = f"{name}("
            asked = [*prompt, Message(role="assistant", content=begun)]
            choice = await self._asked(asked, most_tokens=MOST_TOKENS, grammar=arguments_grammar(form), weighed=1)
            answer = written(choice)
            arguments = read_arguments(answer.removeprefix(begun).removesuffix(")"))
            if arguments is not None:
                arguments = without_unsupported(arguments, chosen.form, said)
            problem = "That is no call." if arguments is None else wrong(arguments, chosen.form)
            if arguments is not None and not problem:
                lacking = _lacking(arguments, chosen, said, certainties(choice))
                if lacking:
                    return Lacks(chosen.tool, lacking[0])
                better = fitted(arguments, chosen.form, said.text, self._now())
                return Call(chosen.tool, arguments if wrong(better, chosen.form) else better)
            again = table(self._language, "calling")["wrong"].format(problem=problem)
            prompt = [*asked[:-1], Message(role="assistant", content=answer), Message(role="user", content=again)]
        logger.info("no call of %s: %s", name, problem)
        return None

    async def _asked(
        self, prompt: list[Message], *, most_tokens: int, grammar: str = "", weighed: int = 0
    ) -> Mapping[str, Any]:
        """The model's first choice."""
        client = await self._client()
        request: dict[str, Any] = {"messages": prompt, "temperature": 0, "max_tokens": most_tokens}
        if grammar:
            request["grammar"] = grammar
        if weighed:
            request |= {"logprobs": True, "top_logprobs": weighed}
        choices = (await client.answer(request, Slot.CALLING)).get("choices") or [{}]
        return cast("Mapping[str, Any]", choices[0])


def _lacking(arguments: Mapping[str, object], chosen: Offered, said: Said, certain: Mapping[str, float]) -> list[Field]:
    """The required arguments that were not said, and that the model does not know either."""
    return [
        one
        for one in unsupported(arguments, chosen.form, said)
        if not _is_known(one, arguments[one.name], chosen, certain.get(one.name, 0.0))
    ]


def _is_known(one: Field, value: object, chosen: Offered, certain: float) -> bool:
    """Whether the model knows a value that nobody said, and has not only copied what it was shown."""
    if one.kind in (Kind.INTEGER, Kind.NUMBER):
        return certain >= CERTAIN_NUMBER
    answers = (example["answer"] for example in table("en", "calling")["examples"])
    copied = re.compile(rf"(?<!\w){re.escape(str(value))}(?!\w)", re.IGNORECASE)
    return certain >= CERTAIN and not copied.search(" ".join([one.about, chosen.tool.about, *answers]))


def _has_any(call: Call, form: Form, said: Said) -> bool:
    """Whether these words hold any value of a call."""
    return any(said.touches(one, call.arguments[one.name]) for one in form.fields if one.name in call.arguments)


def most_doubt(offered: Sequence[Offered]) -> float:
    """With how much doubt one of these is called: a tool that only tells something, and plainly fits, with more."""
    plain = any(one.is_plain and one.tool.effect is not Effect.ACT for one in offered)
    return MOST_DOUBT_PLAIN if plain else MOST_DOUBT


def written(choice: Mapping[str, Any]) -> str:
    return text_of((choice.get("message") or {}).get("content")).strip()
