"""The memory in the Portable AI Memory (PAM) format, version 1.0, for exchange between assistants.

Source: the specification of 2026-02-17 at https://portable-ai-memory.org/spec/v1.0 (CC BY 4.0). Written are the memory
store's required fields, and of the optional ones those that we know: status, confidence, provenance, tags and metadata.
Facts become memories of the type `fact`, words that were said or written of the type `context`. Not written: relations,
companion files of conversations and embeddings, the integrity block and the signature. For a complete copy of a memory
use `portable`.
"""

import hashlib
import json
import re
import unicodedata
import uuid
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from voiceos.errors import DataError
from voiceos.store.database import Connection
from voiceos.store.ledger import Added, Ledger
from voiceos.store.records import Kind, Record, Source
from voiceos.store.rows import in_pages, kept_of, moment

NAME, VERSION = "portable-ai-memory", "1.0"
PLATFORM = "voiceos"
GONE = frozenset({"superseded", "retracted", "archived"})


def write(db: Connection, now: datetime, program: str) -> Iterator[str]:
    """The memory store as pieces of one JSON text. `program`: name and version, such as "voiceos/0.1.0"."""
    head: dict[str, Any] = {
        "schema": NAME,
        "schema_version": VERSION,
        "spec_uri": f"https://portable-ai-memory.org/spec/v{VERSION}",
        "export_id": str(uuid.uuid4()),
        "exported_by": program,
        "export_date": _time(now),
        "owner": {"id": str(uuid.uuid5(uuid.NAMESPACE_URL, "voiceos:owner"))},
        "export_type": "full",
    }
    yield json.dumps(head, ensure_ascii=False)[:-1] + ', "memories": ['
    between = ""
    for memory in _memories(db):
        yield between + json.dumps(memory, ensure_ascii=False)
        between = ",\n"
    yield "]}\n"


def read(db: Connection, store: Mapping[str, Any], uri: str) -> Added:
    """Imports a memory store as notes of the assistant it comes from. Outdated ones are left out.

    `uri` identifies it, so that importing the same store again adds nothing. Raises DataError.
    """
    if store.get("schema") != NAME or not isinstance(store.get("memories"), list):
        raise DataError("This is not a Portable AI Memory file.")
    if not str(store.get("schema_version", "")).startswith("1."):
        raise DataError(f"Version {store.get('schema_version')} of Portable AI Memory is not supported, only 1.0.")
    return Ledger(db).add(Source(uri, "memories", "Portable AI Memory"), _records(store["memories"]))


def content_hash(content: str) -> str:
    """As section 6 of the specification has it."""
    plain = re.sub(r" {2,}", " ", unicodedata.normalize("NFC", content.strip().lower()))
    return f"sha256:{hashlib.sha256(plain.encode()).hexdigest()}"


def _records(memories: list[Any]) -> Iterator[Record]:
    for number, memory in enumerate(memories, start=1):
        try:
            if memory.get("status", "active") in GONE:
                continue
            at = memory["temporal"].get("valid_from") or memory["temporal"]["created_at"]
            yield Record(
                Kind.NOTE,
                str(memory["id"]),
                str(memory["content"]),
                author=str(memory["provenance"]["platform"]),
                at=datetime.fromisoformat(at),
                extra={"type": str(memory["type"])},
            )
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise DataError(f"Cannot read memory {number} of the file ({error}).") from error


def _memories(db: Connection) -> Iterator[dict[str, Any]]:
    for row in in_pages(db, "SELECT * FROM record WHERE indexed AND id > :after ORDER BY id LIMIT :count", {}):
        kept = kept_of(row)
        record = kept.record
        if not record.text.strip() and not record.title.strip():
            continue
        yield _memory(
            f"record-{kept.id}",
            "context",
            record.text.strip() or record.title,
            {"created_at": _time(record.at or kept.learnt_at)},
            {"conversation_ref": record.thread or None, "extraction_method": "explicit_user_input"},
            {"kind": str(record.kind), "title": record.title, "author": record.author, "place": record.place},
        )
    query = "SELECT * FROM fact WHERE id > :after ORDER BY id LIMIT :count"
    for row in in_pages(db, query, {}):
        retracted = row["retracted_at"] is not None or row["denied_at"] is not None
        status = "retracted" if retracted else "superseded" if row["superseded_by"] else "active"
        times = {"created_at": row["learnt_at"], "valid_from": row["valid_from"], "valid_until": row["valid_to"]}
        temporal: dict[str, Any] = {name: None if at is None else _time(moment(at)) for name, at in times.items()}
        temporal["superseded_by"] = f"fact-{row['superseded_by']}" if row["superseded_by"] else None
        negated = "" if row["positive"] else "not "
        yield _memory(
            f"fact-{row['id']}",
            "fact",
            f"{row['subject']} {row['predicate']}: {negated}{row['object']}",
            temporal,
            {"message_ref": f"record-{row['record_id']}", "extraction_method": "explicit_user_input"},
            {"subject": row["subject"], "predicate": row["predicate"], "object": row["object"]},
            status,
        ) | {"confidence": {"initial": row["confidence"], "current": row["confidence"], "decay_model": "none"}}


def _memory(
    id: str,
    type: str,
    content: str,
    temporal: Mapping[str, Any],
    provenance: Mapping[str, Any],
    metadata: Mapping[str, Any],
    status: str = "active",
) -> dict[str, Any]:
    return {
        "id": id,
        "type": type,
        "custom_type": None,
        "status": status,
        "content": content,
        "content_hash": content_hash(content),
        "temporal": dict(temporal),
        "provenance": {"platform": PLATFORM, **provenance},
        "metadata": {name: value for name, value in metadata.items() if value},
    }


def _time(at: datetime) -> str:
    return at.isoformat(timespec="seconds").replace("+00:00", "Z")
