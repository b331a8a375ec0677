"""A turn as records: the owner's words, which are searched, and what was heard of the reply, which is only kept."""

from datetime import datetime

from voiceos.memory.records import ASSISTANT, OWNER, Kind, Record, Source

CONVERSATIONS = Source("voiceos:conversations", "conversations")


def heard_record(turn_id: str, conversation: str, words: str, at: datetime) -> Record:
    """What the owner said in a turn."""
    return Record(Kind.SAID, f"{turn_id}:heard", words, author=OWNER, at=at, thread=conversation)


def reply_record(turn_id: str, conversation: str, words: str, at: datetime) -> Record:
    """What was heard of the assistant's reply."""
    return Record(Kind.REPLY, f"{turn_id}:said", words, author=ASSISTANT, at=at, thread=conversation)
