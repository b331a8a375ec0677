"""A local model chooses a tool and fills it in; what it doubts, and what nobody said, is not called."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from math import log
from typing import Any, cast

import pytest

from voiceos.engines.llama_process import Slot
from voiceos.language.data import table
from voiceos.mind.calling import Calling, Lacks
from voiceos.mind.calling_prompt import messages
from voiceos.mind.endpoint_client import EndpointClient
from voiceos.mind.fitting import fitted
from voiceos.mind.supported import Said, may_be_given, unsupported, without_unsupported
from voiceos.tools.schema import reduced
from voiceos.tools.tool import Arguments, Call, Effect, Result, Tool

pytestmark = pytest.mark.anyio
NOW = datetime(2027, 3, 10, 8, 30)
WEATHER = {
    "type": "object",
    "properties": {
        "city": {"type": "string"},
        "days": {"type": "integer", "minimum": 1, "maximum": 9},
        "units": {"enum": ["metric", "imperial"]},
        "day": {"type": "string"},
        "include_wind": {"type": "boolean"},
    },
    "required": ["city"],
}
FORM = reduced(WEATHER)


async def run(_: Arguments) -> Result:
    return Result("")


def tool(name: str, about: str = "", schema: Mapping[str, object] = WEATHER) -> Tool:
    return Tool(name, about, schema, Effect.READ, run)


class Model:
    """A local model that answers from a script: a share for "none", then texts, `sure` of each of their values."""

    def __init__(self, none: float, *texts: str, first: str = "weather", sure: float = 0.3) -> None:
        self.asked = list[Mapping[str, Any]]()
        self._none, self._first, self._texts, self._sure = none, first, list(texts), sure

    async def __call__(self) -> EndpointClient:
        return cast(EndpointClient, self)

    async def warm(self, slot: Slot, messages: Sequence[Mapping[str, Any]]) -> None:
        await self.answer({"messages": messages}, slot)

    async def answer(self, request: Mapping[str, Any], slot: Slot) -> Mapping[str, Any]:
        assert slot is Slot.CALLING
        self.asked.append(request)
        if "grammar" not in request:
            shares = [("none", self._none), (self._first, 1 - self._none)]
            tops = [{"token": token, "logprob": log(share)} for token, share in shares if share]
            return {"choices": [{"message": {"content": "x"}, "logprobs": {"content": [{"top_logprobs": tops}]}}]}
        text = self._texts.pop(0)
        begun, bracket, rest = text.partition("(")
        tokens = [{"token": token, "logprob": log(self._sure)} for token in re.findall(r'"[^"]*"|\d+|[^"\d]+', rest)]
        return {"choices": [{"message": {"content": begun + bracket + rest}, "logprobs": {"content": tokens}}]}


async def called(model: Model, text: str, *tools: Tool, alike: Sequence[float] = (), **more: Any) -> Any:
    known = iter(alike)
    calling = Calling(model, (lambda _, others: [next(known) for _ in others]) if alike else None, now=lambda: NOW)
    made = await calling(text, tools or [tool("weather.forecast")], **more)
    return dict(made.arguments) if isinstance(made, Call) else made


async def test_a_call_with_what_was_said_and_nothing_else() -> None:
    model = Model(0.01, 'weather.forecast(city="Oslo", days=3, units="metric", include_wind=True)')
    assert await called(model, "Will it rain in Oslo in the next three days?") == {"city": "Oslo", "days": 3}
    weighed, filled = model.asked
    assert weighed["max_tokens"] == 1
    assert "include_wind" not in weighed["messages"][-1]["content"]
    assert filled["messages"][-1] == {"role": "assistant", "content": "weather.forecast("}
    assert '"units="' not in filled["grammar"]


async def test_a_doubtful_call_is_none() -> None:
    model = Model(0.9)
    assert await called(model, "Who built the castle in Oslo?") is None
    assert len(model.asked) == 1


@pytest.mark.parametrize(("name", "piece"), [("news.read", "n"), ("notes.find", "no")])
async def test_a_name_that_begins_like_none_raises_no_doubt(name: str, piece: str) -> None:
    sure = Model(0.01, f'{name}(city="Oslo")', first=piece)
    assert await called(sure, "Find Oslo", tool(name)) == {"city": "Oslo"}
    assert await called(Model(0.9, first=piece), "Who built the castle in Oslo?", tool(name)) is None


@pytest.mark.parametrize(
    ("effect", "alike", "is_called"),
    [
        (Effect.READ, [0.7, 0.1], True),
        (Effect.READ, [0.7, 0.45], False),
        (Effect.READ, [0.5, 0.1], False),
        (Effect.READ, [0.7], False),
        (Effect.ACT, [0.7, 0.1], False),
    ],
)
async def test_a_reading_tool_that_fits_plainly_is_called_with_more_doubt(
    effect: Effect, alike: Sequence[float], *, is_called: bool
) -> None:
    tools = [replace(tool(name), effect=effect) for name in ("weather.forecast", "mail.send")][: len(alike)]
    model = Model(0.3, 'weather.forecast(city="Oslo")')  # odds of 3 to 7: a doubt of -0.85
    assert await called(model, "Oslo", *tools, alike=alike) == ({"city": "Oslo"} if is_called else None)


@pytest.mark.parametrize(("none", "unused"), [(0.1, False), (0.4, True), (0.9, False)])
async def test_a_tool_that_is_only_doubted_is_known(none: float, *, unused: bool) -> None:
    calling = Calling(Model(none, 'weather.forecast(city="Oslo")'), now=lambda: NOW)
    await calling("Oslo", [tool("weather.forecast")])
    assert (calling.unused is not None) is unused


async def test_tools_that_are_unlike_the_request_are_not_even_offered() -> None:
    model = Model(0.01, "calendar.add", 'calendar.add(city="Oslo")', first="cal")
    tools = [tool("weather.forecast"), tool("calendar.add"), tool("mail.send"), tool("web.get")]
    assert await called(model, "Oslo on Monday", *tools, alike=[0.58, 0.6, 0.3, 0.1]) == {"city": "Oslo"}
    prompt = model.asked[0]["messages"][-1]["content"]
    assert prompt.index("calendar.add(") < prompt.index("weather.forecast(")
    assert "mail.send" not in prompt
    assert model.asked[1]["grammar"] == 'root ::= "calendar.add" | "weather.forecast"'
    assert await called(silent := Model(0.0), "Tell me a joke", *tools, alike=[0.1, 0.2, 0.1, 0.0]) is None
    assert silent.asked == []


async def test_one_bad_tool_disables_no_other() -> None:
    bad = tool("bad.tool", schema={"type": "object", "properties": {"x": {"$ref": "https://e.com"}}, "required": ["x"]})
    assert await called(Model(0.01, 'weather.forecast(city="Oslo")'), "Oslo", bad, tool("weather.forecast")) == {
        "city": "Oslo"
    }


async def test_a_wrong_call_is_mended_once() -> None:
    model = Model(0.01, 'weather.forecast(city="Oslo", days=', 'weather.forecast(city="Oslo")')
    assert await called(model, "Oslo") == {"city": "Oslo"}
    assert "Write the call again" in model.asked[-1]["messages"][-2]["content"]
    assert await called(Model(0.01, "weather.forecast(x", "weather.forecast(days=40"), "Oslo 40") is None


async def test_what_a_tool_needs_and_nobody_said_is_missing() -> None:
    made = await called(Model(0.01, 'weather.forecast(city="London")'), "How will the weather be?")
    assert isinstance(made, Lacks)
    assert made.field.name == "city"
    heard = list[str]()
    model = Model(0.01, 'weather.forecast(city="Bergen")')
    calling = Calling(model, lambda text, others: heard.append(text) or [0.9 for _ in others], now=lambda: NOW)
    assert isinstance(await calling("And in Bergen?", [tool("weather.forecast")], ["How is it in Oslo?"]), Call)
    assert heard == ["How is it in Oslo? And in Bergen?"]
    repeats = Model(0.01, 'weather.forecast(city="Oslo")')
    assert await called(repeats, "And in Bergen?", earlier=["How is it in Oslo?"]) is None
    earlier = ["I am in London this week."]
    assert await called(Model(0.01, 'weather.forecast(city="London")'), "How is the weather?", earlier=earlier) == {
        "city": "London"
    }


@pytest.mark.parametrize(
    ("value", "sure", "about", "known"),
    [
        ('"London"', 0.9, "", True),
        ('"London"', 0.3, "", False),
        ('"London"', 0.9, "City, like London", False),
        ('"Oslo"', 0.9, "", False),  # of the prompt's own example
        ("7", 0.9, "", False),
        ("7", 0.99, "", True),
    ],
)
async def test_what_nobody_said_and_the_model_knows_is_not_asked_for(
    value: str, sure: float, about: str, known: bool
) -> None:
    schema = {
        "type": "object",
        "properties": {"it": {"type": "string" if value[0] == '"' else "number", "description": about}},
        "required": ["it"],
    }
    model = Model(0.01, f"weather.forecast(it={value})", sure=sure)
    made = await called(model, "How is the weather in England's capital?", tool("weather.forecast", schema=schema))
    assert made == {"it": json.loads(value)} if known else isinstance(made, Lacks)


NUMBERS = {"type": "array", "items": {"type": "number"}}
FITS = [
    ("string", "Day, as MM-DD-YYYY", "2027-06-01", "on June 1st", "06-01-2027"),
    ("string", "Day, as DD/MM/YYYY", "June 1st, 2027", "June 1st, 2027", "01/06/2027"),
    ("string", "Day, as DD/MM/YYYY", "04/05/2027", "on 04/05/2027", "04/05/2027"),
    ("string", "Day, as DD/MM/YYYY", "soon", "soon", "soon"),
    ("number", "Rate as a decimal", 4, "at 4% a year", 0.04),
    ("number", "Rate in percent", 0.04, "at 4% a year", 4),
    ("number", "Rate", 4, "at 4% a year", 4),
    ("integer", "Length in minutes", 2, "for two hours", 120),
    ("number", "Length in hours", 90, "for 90 minutes", 1.5),
    ("integer", "Length in hours", 90, "for 90 minutes", 90),
    ("integer", "Length in days or weeks", 2, "for two weeks", 2),
    ("integer", "Length in years", 5, "over 5 years", 5),
    (NUMBERS, "", [1, 2], "the mean of 1, 2 and 3", [1, 2, 3]),
    (NUMBERS, "", [1, 2], "of 1, 2 and of 1, 2, 3", [1, 2]),
    (NUMBERS, "", [3, 5], "between 3 and 5 for 7", [3, 5]),
]


@pytest.mark.parametrize(("kind", "about", "value", "text", "wanted"), FITS)
def test_a_value_is_written_as_its_tool_wants_it(
    kind: Any, about: str, value: object, text: str, wanted: object
) -> None:
    schema = {"type": kind} if isinstance(kind, str) else kind
    form = reduced({"type": "object", "properties": {"it": {**schema, "description": about}}, "required": ["it"]})
    assert fitted({"it": value}, form, text, NOW) == {"it": wanted}


SAID = [
    ("in Oslo for three days", {"days": 3}, ["days"]),
    ("in Oslo", {"days": 3}, []),
    ("Oslo, imperial please", {"units": "imperial"}, ["units"]),
    ("Oslo in °C", {"units": "metric"}, []),
    ("Oslo on Friday", {"day": "2027-03-12"}, ["day"]),
    ("Oslo on Friday", {"day": "2027-03-13"}, []),
    ("Oslo with wind", {"include_wind": True}, ["include_wind"]),
    ("Oslo", {"include_wind": True}, []),
    ("Oslo", {"day": "Oslo"}, []),
]


@pytest.mark.parametrize(("text", "optional", "kept"), SAID)
def test_an_optional_argument_stays_only_where_it_was_said(text: str, optional: Any, kept: list[str]) -> None:
    found = without_unsupported({"city": "Oslo", **optional}, FORM, Said(text, NOW))
    assert [name for name in found if name != "city"] == kept


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("4% of it", 0.04),
        ("$1.2M of it", 1_200_000),
        ("1.75m of it", 1.75),
        ("1e-9 of it", 1e-9),
        ("5 million people", 5_000_000),
        ("two thousand", 2000),
        ("a dozen", 12),
        ("minus 4", -4),
        ("twice", 2),
        ("every hour", 1),
        ("over the next week", 7),
        ("for a year", 1),
        ("in New York City", "NYC"),
        ("100 euro", "EUR"),
        ("Canadian dollars", "CAD"),
        ("twenty pounds", "GBP"),
        ("how much is £5 in bucks", "USD"),
        ("how much is £5 in bucks", "GBP"),
        ("German history", "Germany"),
        ("in Nashville", "Nashville, TN"),
        ("the last six months", "six_months"),
    ],
)
def test_a_value_may_be_said_in_other_ways(text: str, value: object) -> None:
    kind = {"type": "string" if isinstance(value, str) else "number"}
    form = reduced({"type": "object", "properties": {"it": kind}, "required": ["it"]})
    assert unsupported({"it": value}, form, Said(text, NOW)) == []
    assert unsupported({"it": value}, form, Said("something else", NOW))


def test_only_fields_that_may_be_filled_are_offered() -> None:
    assert [one.name for one in may_be_given(FORM, Said("Oslo", NOW)).fields] == ["city", "day"]
    offered = may_be_given(FORM, Said("Oslo, 2 days, metric, with wind", NOW))
    assert [one.name for one in offered.fields] == ["city", "days", "units", "day", "include_wind"]


async def test_few_tools_are_read_before_anything_is_asked() -> None:
    tools = [tool("weather.forecast", "Weather."), tool("calendar.add", "Adds.", {"type": "object"})]
    for some, are_read in ((tools, True), (tools[:1], False), ([*tools, *tools], False)):
        model = Model(0.01, 'weather.forecast(city="Oslo")')
        calling = Calling(model, lambda _, others: [0.9, *[0.1] * (len(others) - 1)], now=lambda: NOW)
        await calling.warm(tools)
        made = await calling("How is it in Oslo?", some)
        assert isinstance(made, Call)
        read, asked = (request["messages"][-1]["content"] for request in model.asked[:2])
        begun = read.removesuffix("Request: ")
        assert "include_wind: bool = None" in begun
        assert asked.startswith(begun) == are_read
        assert "include_wind" not in model.asked[-1]["grammar"]


def test_a_prompt_begins_the_same_and_its_examples_are_calls() -> None:
    one = messages("a", {"x": ("X.", FORM)})
    other = messages("b", {"y": ("Y. And more.", FORM)}, before="c", day=NOW)
    assert one[:-1] == other[:-1]
    assert other[-1]["content"].endswith("Today: Wednesday 2027-03-10\nBefore: c\nRequest: b")
    assert "And more" not in json.dumps(other)
    assert {one["answer"] for one in table("en", "calling")["examples"]} >= {"none"}
