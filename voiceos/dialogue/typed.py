"""Answers a turn that begins as text: the same steps as for a spoken one, without sound."""

import logging
import uuid
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing

import anyio

from voiceos.core import Outcome, Part, Stage, Transcript, Turn
from voiceos.dialogue.acts import Act, act_of, without_names
from voiceos.dialogue.conversation import Conversation
from voiceos.errors import ConfigError, ModelError, VoiceosError
from voiceos.language.sentences import apology
from voiceos.mind.replying import words_of
from voiceos.protocols import Mind

log = logging.getLogger(__name__)


def turn_of(
    text: str, conversation: Conversation, *, names: Sequence[str], who: str, device: str, off_record: bool
) -> Turn:
    """`names`: by which the assistant is called; none of them is part of what is asked."""
    text = without_names(text, names) or text
    turn = Turn(uuid.uuid4().hex[:12], conversation.id, who=who, device=device, transcript=Transcript(text))
    began = anyio.current_time()
    turn.mark(Stage.SPEECH_START, began)
    turn.history, turn.off_record = () if off_record else conversation.history(began), off_record
    return turn


async def answered(turn: Turn, mind: Mind, stop: Callable[[], Awaitable[None]]) -> AsyncGenerator[Part, None]:
    """Parts of the reply. What fails is part of the turn; raises ConfigError or ModelError where there is no language
    model. `stop` ends what sounds.
    """
    turn.engines["mind"] = mind.name
    turn.outcome = Outcome.INTERRUPTED  # unless it ends normally
    committed = anyio.Event()
    committed.set()
    try:
        if act_of(turn.words, over_reply=False) is Act.STOP:
            await stop()
            turn.outcome = Outcome.STOPPED
        else:
            async with aclosing(words_of(mind, turn, committed)) as pieces:
                async for piece in pieces:
                    yield Part(piece)
            turn.outcome = Outcome.ANSWERED
    except (ConfigError, ModelError):
        raise
    except VoiceosError as error:
        turn.error, turn.outcome = str(error), Outcome.FAILED
        log.info("turn %s: %s", turn.id, error)  # its face shows it
        sorry = f" {apology(error)}" if turn.reply else apology(error)
        turn.reply += sorry
        yield Part(sorry)
    finally:
        turn.said = turn.reply.strip()
        turn.mark(Stage.END, anyio.current_time())
