"""The house: what is for it (`home.tsv`: sentence, intent), what Home Assistant is told, and what is said of it."""

import asyncio
from collections.abc import AsyncGenerator
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from tests.skills.conftest import MODEL, NOON, Talk
from tests.skills.house import TOKEN, UNKNOWN, House, answered, done, error
from voiceos.config.settings import Config, HomeSettings
from voiceos.errors import ConfigError, HomeError
from voiceos.health.check import Health
from voiceos.health.parts import home as check
from voiceos.mind.router import Router
from voiceos.skills import itself, world_clock
from voiceos.skills.grammar import Grammar
from voiceos.skills.home import home, home_assistant
from voiceos.skills.home.home_assistant import HomeAssistant
from voiceos.skills.registry import abilities, skills
from voiceos.skills.skill import Workshop
from voiceos.store.acts import receipts
from voiceos.store.database import Connection
from voiceos.validity import faults

pytestmark = pytest.mark.anyio
ROWS = [
    line.split("\t")
    for line in Path(__file__).with_name("home.tsv").read_text(encoding="utf-8").splitlines()
    if not line.startswith("#")
]


@cache
def grammar() -> Grammar:
    return Grammar(skills(Workshop(Config())))


@pytest.mark.parametrize(("sentence", "intent"), ROWS, ids=[row[0] for row in ROWS])
def test_what_is_for_the_house(sentence: str, intent: str) -> None:
    match = grammar().match(sentence, NOON)
    found = match.intent if match and match.intent.startswith("home.") else "-"
    assert found == intent


@pytest.mark.parametrize(
    ("sentence", "said"),
    [
        ("turn on the kitchen light", "I'm not connected to your home."),
        ("is the front door locked", "I can't see into your home."),
        ("will it rain tomorrow", "I don't know the weather."),
        ("what's the news", "I don't get any news."),
        ("when is sunset?", "I don't know when the sun rises or sets."),
    ],
)
async def test_without_a_home_assistant_it_says_how_to_join_one(
    talk: Talk, db: Connection, sentence: str, said: str
) -> None:
    answer = await talk(sentence)
    assert answer.startswith(said)
    assert "Home Assistant" in answer
    assert "home section of my settings" in answer
    assert receipts(db) == []
    assert await talk("movie time") == MODEL


# Joined


@pytest.fixture
async def house() -> AsyncGenerator[House]:
    found = House()
    server = await asyncio.start_server(found.serve, "127.0.0.1", 0)
    found.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    yield found
    server.close()


def config(house: House, **values: Any) -> Config:
    return Config(home=HomeSettings(url=house.url, token=SecretStr(TOKEN)).model_copy(update=values))


def joined(house: House, db: Connection, **values: Any) -> Talk:
    clock = [NOON]
    workshop = Workshop(config(house, **values), db, now=lambda: clock[0])
    known = [home.make(workshop), world_clock.make(workshop)]
    return Talk(Router(known, workshop, now=lambda: clock[0]), workshop, clock)


@pytest.fixture
def at_home(house: House, db: Connection, monkeypatch: pytest.MonkeyPatch) -> Talk:
    monkeypatch.setattr(home, "SETTLE_SECONDS", (0.0, 0.0))
    return joined(house, db)


async def test_what_it_did_is_said_and_kept(at_home: Talk, house: House, db: Connection) -> None:
    house.sentences["turn on the kitchen light"] = done("Turned on the light", "light.kitchen")
    house.states["light.kitchen"] = ["on"]
    assert await at_home("Turn on the kitchen light.") == "Turned on the light"
    assert house.heard == [{"text": "Turn on the kitchen light.", "language": "en"}]
    (receipt,) = receipts(db)
    assert (receipt.act, receipt.done, receipt.result) == ("home.control", True, "Turned on the light")
    assert receipt.arguments["things"] == ["light.kitchen"]


async def test_its_rooms_are_known_once_it_was_asked_for_something(at_home: Talk, house: House) -> None:
    house.rooms = ["Conservatory", "Scullery"]
    assert at_home.router.names()["room"] == ()
    house.sentences["turn on the kitchen light"] = done("Turned on the light", "light.kitchen")
    house.states["light.kitchen"] = ["on"]
    await at_home("Turn on the kitchen light.")
    assert at_home.router.names()["room"] == ["Conservatory", "Scullery"]


async def test_nothing_is_sent_before_the_turn_has_ended(at_home: Talk, house: House) -> None:
    assert await at_home("turn on the kitchen light", commit=False) == ""
    assert await at_home("movie time", commit=False) == ""
    assert house.heard == []


async def test_politeness_that_it_does_not_know_is_left_out(at_home: Talk, house: House) -> None:
    house.sentences["turn on the kitchen light"] = done("Turned on the light", "light.kitchen")
    house.states["light.kitchen"] = ["on"]
    assert await at_home("Could you turn on the kitchen light, please?") == "Turned on the light"


async def test_its_own_sentences_come_before_the_model(at_home: Talk, house: House, db: Connection) -> None:
    house.sentences["movie time"] = done("Enjoy the film.", "scene.movie")
    assert await at_home("movie time") == "Enjoy the film."
    assert [one.act for one in receipts(db)] == ["home.offered"]
    house.sentences["when is bin day"] = answered("query_answer", "On Tuesday.", success=[], failed=[])
    assert await at_home("When is bin day?") == "On Tuesday."
    assert len(receipts(db)) == 1  # an answer is no act


async def test_what_it_does_not_know_goes_to_the_model_in_the_same_turn(
    at_home: Talk, house: House, db: Connection
) -> None:
    house.sentences["turn on the charm"] = error("no_valid_targets", "I am not aware of any device called the charm")
    assert await at_home("Why do cats purr?") == MODEL
    assert await at_home("turn on the charm") == MODEL
    assert [asked["text"] for asked in house.heard] == ["Why do cats purr?", "turn on the charm"]
    assert receipts(db) == []
    assert await at_home("what time is it in Tokyo") != MODEL
    assert len(house.heard) == 2  # what a skill takes stays here


async def test_what_is_certainly_for_the_house_never_goes_to_the_model(at_home: Talk, house: House) -> None:
    house.sentences["turn on the hall light"] = error("no_valid_targets", "I don't know a device called hall light")
    assert await at_home("turn on the hall light") == "I don't know a device called hall light"
    assert await at_home("turn on the kitchen light") == "Home Assistant doesn't know how to do that."
    assert await at_home("what's the weather like tomorrow") == "Home Assistant can't tell me the weather."
    assert await at_home("what's the news") == "Home Assistant has no news for me."
    assert await at_home("when is sunset?") == "Home Assistant can't tell me when the sun rises or sets."


async def test_the_weather_is_asked_for_there(at_home: Talk, house: House, db: Connection) -> None:
    house.sentences["what's the weather"] = answered("query_answer", "12 °C and rainy", success=[], failed=[])
    assert await at_home("What's the weather?") == "12 °C and rainy"
    assert receipts(db) == []


async def test_a_conversation_goes_on_there_and_a_new_one_begins_anew(at_home: Talk, house: House) -> None:
    await at_home("movie time")
    await at_home("louder than that")
    assert [asked.get("conversation_id") for asked in house.heard] == [None, "01H"]
    await at_home("movie time", device="kitchen")
    assert "conversation_id" not in house.heard[-1]


@pytest.mark.parametrize("takes", [True, False])
async def test_the_room_is_told_by_our_device_where_it_is_understood(
    house: House, db: Connection, *, takes: bool
) -> None:
    house.takes_devices = takes
    there = joined(house, db, device="abc")
    house.sentences["lights on"] = done("Turned on the lights")
    assert await there("lights on") == "Turned on the lights"
    assert await there("lights on") == "Turned on the lights"
    assert [asked.get("device_id") for asked in house.heard] == (["abc", "abc"] if takes else [None, None])


# Whether it is so


@pytest.mark.parametrize(
    ("states", "said"),
    [
        ([], "Lamp didn't respond."),  # it is not there
        (["unavailable"], "Lamp didn't respond."),
        (["off", "on"], "Turned on the lamp"),  # a moment later
        (["off"], "Lamp is still off."),
    ],
)
async def test_done_needs_the_effect(at_home: Talk, house: House, db: Connection, states: list[str], said: str) -> None:
    house.sentences["turn on the lamp"] = done("Turned on the lamp", "light.lamp")
    house.states |= {"light.lamp": states} if states else {}
    assert await at_home("turn on the lamp") == said
    (receipt,) = receipts(db)
    assert (receipt.done, receipt.result) == (said.startswith("Turned"), said)
    assert len(house.heard) == 1


@pytest.mark.parametrize(
    ("sentence", "thing", "state", "said"),
    [
        ("close the blinds", "cover.blinds", "closing", "Blinds are closing."),
        ("close the blinds", "cover.blinds", "open", "Blinds are still open."),
        ("close the blinds to 20 percent", "cover.blinds", "open", "Well."),
        ("lock the front door", "lock.front_door", "unlocked", "Front door is still unlocked."),
        ("lock the front door", "lock.front_door", "locked", "Well."),
        ("dim the lights", "light.hall", "on", "Well."),
        ("toggle the lights", "light.hall", "off", "Well."),
        ("activate the dinner scene", "scene.dinner", "unknown", "Well."),  # it never has any other
    ],
)
async def test_a_thing_is_asked_for_its_state(
    at_home: Talk, house: House, sentence: str, thing: str, state: str, said: str
) -> None:
    house.sentences[sentence] = done("Well.", thing)
    house.states[thing] = [state]
    assert await at_home(sentence) == said


async def test_some_did_and_some_did_not(at_home: Talk, house: House, db: Connection) -> None:
    house.states = {"light.a": ["off"], "light.b": ["unavailable"], "light.c": ["on"]}
    house.sentences["turn off all the lights"] = done("Turned off the lights.", *house.states, failed=("light.d",))
    said = "Turned off the lights. But D and B didn't respond. C is still on."
    assert await at_home("turn off all the lights") == said
    (receipt,) = receipts(db)
    assert receipt.done
    assert receipt.arguments["things"] == ["light.a"]
    assert receipt.arguments["failed"] == ["light.d", "light.b", "light.c"]


async def test_many_that_fail_are_counted(at_home: Talk, house: House) -> None:
    house.sentences["lights on"] = done("Turned on the lights.", *(f"light.{name}" for name in "abcdef"))
    assert await at_home("lights on") == "A, B, C and 3 others didn't respond."


async def test_a_state_that_cannot_be_read_is_owned_to(at_home: Talk, house: House) -> None:
    house.sentences["turn on the lamp"] = done("Turned on the lamp", "light.lamp")
    house.blind = True
    said = "Home Assistant has a problem of its own. I don't know whether it did that."
    assert await at_home("turn on the lamp") == said


async def test_it_tried_and_failed(at_home: Talk, house: House, db: Connection) -> None:
    house.sentences["turn on the lamp"] = error("failed_to_handle", "An unexpected error occurred")
    house.sentences["movie time"] = error("failed_to_handle")
    assert await at_home("turn on the lamp") == "An unexpected error occurred"
    assert await at_home("movie time") == "Home Assistant couldn't do that."
    assert [one.done for one in receipts(db)] == [False, False]


# Faults


def http(status: str, body: str = "", more: str = "") -> bytes:
    return f"HTTP/1.1 {status}\r\n{more}Content-Length: {len(body)}\r\n\r\n{body}".encode()


UNSURE = " I don't know whether it did that."
RUBBISH = "Home Assistant gave me an answer that I can't use." + UNSURE


@pytest.mark.parametrize(
    ("raw", "said", "offered"),
    [
        (http("302 Found", more="Location: http://127.0.0.1:1/\r\n"), "Home Assistant has moved.", MODEL),
        (http("404 Not Found"), "The address of Home Assistant in my settings seems to be wrong.", MODEL),
        (http("502 Bad Gateway"), "Home Assistant has a problem of its own." + UNSURE, "Home Assistant has"),
        (http("200 OK", "<html>Router login</html>"), RUBBISH, RUBBISH),
        (http("200 OK", "[1]"), RUBBISH, RUBBISH),
        (http("200 OK", "[" * 100_000), RUBBISH, RUBBISH),
        (http("200 OK", '{"response": {"response_type": "party"}}'), RUBBISH, RUBBISH),
        (b"\x00\x01 nothing like HTTP\r\n\r\n", "Home Assistant isn't answering." + UNSURE, "Home Assistant isn't"),
    ],
)
async def test_a_fault_is_one_sentence_and_nothing_is_asked_twice(
    at_home: Talk, house: House, raw: bytes, said: str, offered: str
) -> None:
    house.raw = raw
    assert (await at_home("turn on the lamp")).startswith(said)
    assert len(house.heard) == 1
    assert (await at_home("movie time")).startswith(offered)
    assert len(house.heard) == 2
    assert await at_home("why do cats purr") == MODEL  # for a minute nothing is only offered
    assert len(house.heard) == 2
    house.raw = b""
    at_home.clock[0] += timedelta(seconds=61)
    house.sentences["movie time"] = done("Enjoy the film.")
    assert await at_home("movie time") == "Enjoy the film."


@pytest.mark.parametrize("fault", ["hang", "drop", "flood"])
async def test_an_answer_that_does_not_come(
    at_home: Talk, house: House, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(home_assistant, "ANSWER_SECONDS", 0.4 if fault == "hang" else 5)
    house.fault = fault
    house.raw = b"HTTP/1.1 200 OK\r\n\r\n" if fault == "flood" else b""
    said = RUBBISH if fault == "flood" else "Home Assistant isn't answering." + UNSURE
    assert await at_home("turn on the lamp") == said
    assert await at_home("what's the weather") == said.removesuffix(UNSURE)
    assert len(house.heard) == 2


async def test_it_is_down(house: House, db: Connection) -> None:
    house.url = "http://127.0.0.1:9"
    away = joined(house, db)
    assert await away("turn on the lamp") == "I can't reach Home Assistant right now."
    assert await away("why do cats purr") == MODEL
    assert [one.done for one in receipts(db)] == [False]


async def test_the_token_has_expired(house: House, db: Connection) -> None:
    there = joined(house, db, token=SecretStr("old"))
    said = "Home Assistant rejected my token. Please put a new one in my settings."
    assert await there("turn on the lamp") == said
    assert await there("why do cats purr") == MODEL
    assert house.heard == []


# Settings


async def test_the_doctor_tells_whether_it_is_reached(house: House) -> None:
    await HomeAssistant(config(house).home).check()
    with pytest.raises(HomeError, match="token"):
        await HomeAssistant(config(house, token=SecretStr("old")).home).check()
    assert list(check(Config())) == []
    (finding,) = await asyncio.get_running_loop().run_in_executor(None, lambda: list(check(config(house))))
    assert (finding.health, finding.needed) == (Health.OK, False)


@pytest.mark.parametrize(
    ("values", "wrong"),
    [
        ({"url": "homeassistant.local:8123"}, "home.url"),
        ({"url": "http://me:secret@ha.local"}, "home.url"),
        ({"token": SecretStr("")}, "home.token_file"),
        ({"token": SecretStr("two words")}, "home.token"),
        ({"token": SecretStr(""), "token_file": Path("/nowhere")}, "home.token_file"),
    ],
)
def test_settings_that_cannot_work(values: dict[str, Any], wrong: str) -> None:
    house = House(url="http://ha.local:8123")
    with pytest.raises(ConfigError):
        HomeAssistant(config(house, **values).home)
    found = dict(faults(config(house, **values)))
    assert wrong in found
    assert "secret" not in found[wrong]


def test_a_token_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text(f"{TOKEN}\n")
    house = House(url="http://ha.local:8123")
    values = {"token": SecretStr(""), "token_file": file}
    file.chmod(0o644)
    assert "chmod 600" in dict(faults(config(house, **values)))["home.token_file"]
    file.chmod(0o600)
    assert "home.token_file" not in dict(faults(config(house, **values)))


async def test_settings_that_cannot_work_are_told_when_they_are_needed(house: House, db: Connection) -> None:
    there = joined(house, db, token=SecretStr(""))
    assert await there("turn on the lamp") == "There's a mistake in my settings for Home Assistant."
    assert await there("movie time") == MODEL


async def test_it_tells_that_it_asks_a_home_assistant_only_where_it_does(house: House) -> None:
    settings = config(house)
    assert "control your home" in abilities(settings)
    assert "control your home" not in abilities(Config())
    for given, told in ((settings, "Home Assistant at 127.0.0.1"), (Config(), "Nothing leaves this device.")):
        sending = next(one for one in itself.make(Workshop(given)).intents if one.name == "itself.sending")
        assert told in (await sending.handle(None)).text  # type: ignore[arg-type]  # it looks at no request


def test_an_unknown_sentence_is_what_the_documentation_says() -> None:
    assert UNKNOWN["response"]["data"]["code"] == "no_intent_match"
