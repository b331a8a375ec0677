"""Rewords an odd request into a plain one: the language model chooses, the grammar decides, and words are checked.

Our own model may only choose a form and, for its gaps, words of what was said. What it writes is checked all the same:
another model may write what it likes, and constraints have been dropped without a word.
"""

import logging
from collections.abc import Awaitable, Callable, Iterator, Mapping
from datetime import datetime

import anyio

from voiceos.engines.llama_process import Slot
from voiceos.errors import VoiceosError
from voiceos.language.data import table
from voiceos.mind.endpoint_client import EndpointClient, warmed
from voiceos.mind.plain_forms import forms, is_said, kinds_worth, shape
from voiceos.mind.reply_stream import text_of

log = logging.getLogger(__name__)

SURE = 0.55
"""How likely a kind must be for the model to have no other choice."""
MOST_TOKENS = 40
LONGEST = 25
"""Words; more is a story."""
PATIENCE_SECONDS = 6.0
"""Who waits longer had better hear the model's own answer."""

Reword = Callable[[str, Mapping[str, float], datetime], Awaitable[str]]
"""A plain sentence for what was said, by how likely each kind of request is; "" if there is none."""


class Rewording:
    """Asks a language model. Its prompt is always the same up to the request, which a server's cache likes."""

    def __init__(
        self,
        client: Callable[[], Awaitable[EndpointClient]],
        language: str = "en",
        patience_seconds: float = PATIENCE_SECONDS,
    ) -> None:
        self._client = client
        self._language = language
        self._patience_seconds = patience_seconds

    async def __call__(self, text: str, likely: Mapping[str, float], now: datetime) -> str:
        """A plain sentence for what was said; "" if there is none, or none in time. Cancelling it ends the work."""
        kinds = kinds_worth(likely)
        some = forms(text, kinds, now, self._language) if len(text.split()) <= LONGEST else []
        if not some:
            return ""
        sentence = ""
        with anyio.move_on_after(self._patience_seconds):
            try:
                sentence = await self._asked(text, shape(text, some, now, sure=likely[kinds[0]] >= SURE))
            except VoiceosError as error:
                log.info("nothing reworded: %s", error)
        return sentence if is_said(sentence, text, some, now) else ""

    async def warm(self) -> None:
        """Has our own server read the prompt, so that nobody waits for that."""
        await warmed(self._client, Slot.REWORDING, messages("", self._language))

    async def _asked(self, text: str, grammar: str) -> str:
        client = await self._client()
        held = {"grammar": grammar} if grammar and client.endpoint.local else {}
        request = {"messages": messages(text, self._language), "temperature": 0, "max_tokens": MOST_TOKENS, **held}
        choices = (await client.answer(request, Slot.REWORDING)).get("choices") or [{}]
        return text_of(choices[0].get("message", {}).get("content")).strip().strip(".\"'")


def messages(text: str, language: str = "en") -> list[Mapping[str, str]]:
    """The prompt."""
    return [{"role": "system", "content": "\n".join(_told(language))}, {"role": "user", "content": text}]


def _told(language: str) -> Iterator[str]:
    data = table(language, "rewording")
    yield data["system"].strip()
    yield from (f"{odd} = {plain}" for odd, plain in data["examples"].items())
