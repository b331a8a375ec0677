"""A small Home Assistant on loopback: it answers as the documentation says, and misbehaves as it is told."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

TOKEN = "eyJ-long-lived"
ALLOWED = {"text", "language", "conversation_id", "agent_id"}


def answered(kind: str, speech: str, **data: Any) -> dict[str, Any]:
    """What the conversation API says of one sentence."""
    plain = {"plain": {"speech": speech, "extra_data": None}}
    response = {"speech": plain, "card": {}, "language": "en", "response_type": kind, "data": data}
    return {"response": response, "conversation_id": "01H", "continue_conversation": False}


def done(speech: str, *things: str, failed: tuple[str, ...] = ()) -> dict[str, Any]:
    """An act that Home Assistant reports as done."""
    room = {"name": "Kitchen", "type": "area", "id": "kitchen"}
    return answered(
        "action_done",
        speech,
        targets=[room],
        success=[room, *({"name": _name(one), "type": "entity", "id": one} for one in things)],
        failed=[{"name": _name(one), "type": "entity", "id": one} for one in failed],
    )


def error(code: str, speech: str = "") -> dict[str, Any]:
    return answered("error", speech, code=code)


def _name(entity: str) -> str:
    return entity.partition(".")[2].replace("_", " ").capitalize()


UNKNOWN = error("no_intent_match", "Sorry, I couldn't understand that")


@dataclass
class House:
    """Its states, what it makes of each sentence, and what it was asked."""

    states: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    """The states that a thing has one after the other, each time it is asked; the last stays."""
    sentences: dict[str, Mapping[str, Any]] = field(default_factory=dict[str, Mapping[str, Any]])
    rooms: list[str] = field(default_factory=list[str])
    raw: bytes = b""
    """Sent in place of any answer to a sentence."""
    fault: str = ""
    """`hang`: it never answers. `drop`: it hangs up when it has heard the sentence. `flood`: it never ends."""
    blind: bool = False
    """Whether it fails when it is asked for a state."""
    takes_devices: bool = False
    heard: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    url: str = ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            first, *lines = head.splitlines()
            headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
            method, path, _ = first.split()
            body = await reader.readexactly(int(headers.get("content-length", 0)))
            answer = await self._answer(method, path, headers.get("authorization", ""), body)
            if self.fault == "hang":
                await reader.read()  # until the client hangs up
            writer.write(answer)
            await writer.drain()
            while self.fault == "flood":
                writer.write(b"1" * 100_000)
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def _answer(self, method: str, path: str, token: str, body: bytes) -> bytes:
        if token != f"Bearer {TOKEN}":
            return _http("401 Unauthorized", b"401: Unauthorized", "text/plain")
        if path == "/api/":
            return _json({"message": "API running."})
        if path == "/api/conversation/process" and method == "POST":
            return await self._process(json.loads(body))
        if path == "/api/template":
            return _http("200 OK", json.dumps({"rooms": self.rooms}).encode(), "text/plain")
        entity = path.removeprefix("/api/states/")
        if self.blind:
            return _http("500 Internal Server Error", b"oops", "text/plain")
        if entity not in self.states:
            return _json({"message": "Entity not found."}, "404 Not Found")
        states = self.states[entity]
        state = states.pop(0) if len(states) > 1 else states[0]
        return _json({"entity_id": entity, "state": state, "attributes": {"friendly_name": _name(entity)}})

    async def _process(self, asked: dict[str, Any]) -> bytes:
        if extra := set(asked) - ALLOWED - ({"device_id"} if self.takes_devices else set()):
            return _json({"message": f"Message format incorrect: extra keys not allowed @ data['{extra}']"}, "400 Bad")
        self.heard.append(asked)
        if self.fault == "drop":
            raise ConnectionError
        return self.raw or _json(self.sentences.get(asked["text"].lower().rstrip(".?"), UNKNOWN))


def _json(answer: Mapping[str, Any], status: str = "200 OK") -> bytes:
    return _http(status, json.dumps(answer).encode(), "application/json")


def _http(status: str, body: bytes, kind: str) -> bytes:
    return f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body
