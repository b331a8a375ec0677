"""`voiceos memory search`, `ask`, `facts`, `show` and `timeline`: memories and their sources."""

from datetime import datetime, timedelta
from typing import Any

import click

from voiceos.cli import State
from voiceos.cli.door import answered, found, memory_door
from voiceos.cli.showing import (
    DATE,
    awaited,
    date,
    json_option,
    limit_option,
    moment,
    person,
    plain,
    print_json,
    print_memories,
    print_rows,
    words_heard,
)
from voiceos.errors import ConfigError, ModelError, UsageError

NOTHING = "Nothing found."


@click.command()
@click.argument("words", nargs=-1, metavar="WORDS...")
@limit_option(10, 100)
@click.option("--from", "begin", type=DATE, help="Only from this local time on.")
@click.option("--to", "end", type=DATE, help="Only before this local time.")
@json_option
@click.pass_obj
def search(
    state: State, words: tuple[str, ...], limit: int, begin: datetime | None, end: datetime | None, as_json: bool
) -> None:
    """Find passages, with their ID, score (0 to 1), date, source and text."""
    asked = {"text": _text(words), "limit": limit, "begin": moment(begin), "end": moment(end)}
    memories = found(state, "memory.search", as_json, **asked)
    print_memories(memories)
    if not memories:
        click.echo(NOTHING)


@click.command()
@click.argument("words", nargs=-1, metavar="QUESTION...")
@json_option
@click.pass_obj
def ask(state: State, words: tuple[str, ...], as_json: bool) -> None:
    """Answer a question, and show what the answer is based on, what was left out, and why.

    Without a language model, show only what was found. The question is not saved.
    """
    text, pieces = _text(words), list[str]()

    def write(piece: str) -> None:
        pieces.append(piece)
        if not as_json:
            click.echo(piece, nl=False)

    with memory_door(state, nothing={"answer": "", "rests_on": [], "left_out": []} if as_json else None) as host:
        try:
            last = answered(awaited(host.stream("ask", text=text, keep=False), "Thinking …"), write)
            memories, error = last["memories"], last["turn"]["error"]
        except (ConfigError, ModelError) as failure:
            memories, error = [], str(failure)
        if error:
            click.echo(f"\n{error} This is what I found:", err=True)
            pieces.clear()
            memories = memories or host.call("memory.recall", text=text)
    used = [one for one in memories if not one["left_out"]]
    left_out = [one for one in memories if one["left_out"]]
    if as_json:
        print_json({"answer": "".join(pieces).strip(), "rests_on": used, "left_out": left_out})
        return
    click.echo("\n\nBased on:" if used else "\n\nNot based on any memory." if pieces else f"\n{NOTHING}")
    print_memories(used)
    if left_out:
        click.echo("\nLeft out:")
        print_memories(left_out)


def _text(words: tuple[str, ...]) -> str:
    text = plain(" ".join(words)).strip()
    if not text:
        raise UsageError("Say what to look for, for example: voiceos memory search boiler")
    return text


@click.command()
@click.argument("topic", nargs=-1, metavar="[TOPIC]")
@click.option("--history", is_flag=True, help="Include outdated and corrected facts.")
@limit_option(50)
@json_option
@click.pass_obj
def facts(state: State, topic: tuple[str, ...], history: bool, limit: int, as_json: bool) -> None:
    """List known facts, each with the words it came from."""
    words = [plain(word) for word in topic]
    known = found(state, "memory.facts", as_json, topic=words, history=history, limit=limit)
    for fact in known:
        note = f"  ({told})" if (told := _standing(fact)) else ""
        click.echo(f"{fact['id']}  {_claim(fact)}{note}")
        click.echo(click.style(f"  {fact['sentence']}", dim=True))
    if not known:
        click.echo(f"I know nothing about {' '.join(topic)}." if topic else "I don't know any facts yet.")


@click.command()
@click.argument("id", metavar="ID")
@json_option
@click.pass_obj
def show(state: State, id: str, as_json: bool) -> None:
    """Show passage:12, record:7 or fact:3 in full with its source, or a turn with its memories."""
    item: dict[str, Any] = found(state, "memory.show", as_json, id=plain(id))
    print_rows(_of_turn(item) if "turn" in item else _of_record(item))


def _of_turn(turn: dict[str, Any]) -> dict[str, str]:
    def memories(name: str) -> str:
        lines = (f"{one['id']}  {one['score']:.2f}  {one['left_out']}\n{one['text']}" for one in turn[name])
        return _below("\n".join(lines))

    return {
        "turn": f"{turn['turn']}, {date(turn['at'])}",
        "heard": words_heard(turn),
        "said": turn["said"],
        "error": turn["error"],
        "based on": memories("rests on"),
        "left out": memories("left out"),
    }


def _of_record(item: dict[str, Any]) -> dict[str, str]:
    facts, history, others = (item.get(name, ()) for name in ("facts", "history", "others say"))
    return {
        "fact": _claim(item) if "quote" in item else "",
        "holds": _standing(item) if "quote" in item else "",
        "passage": _below(item.get("passage", "")),
        "what": _what(item),
        "when": " – ".join(date(item[name]) for name in ("at", "until") if item[name]),
        "place": item["place"],
        "text": _below(item["text"]) if item["text"] != item.get("passage") else "",
        "source": item["source"] if item["kind"] not in ("said", "reply") else "",
        "added": date(item["learnt_at"]),
        "facts": _below("\n".join(map(_claim, facts))),
        "history": _below("\n".join(f"{_claim(one)}  {_standing(one)}" for one in history)) if len(history) > 1 else "",
        "others": _below("\n".join(one["sentence"] for one in others)),
    }


def _below(text: str) -> str:
    """Lines that stand below each other, behind a row's name."""
    return text.strip().replace("\n", f"\n{' ' * 11}")


def _claim(fact: dict[str, Any]) -> str:
    return f"{person(fact['subject'])}: {fact['predicate']} {fact['object']}"


def _standing(fact: dict[str, Any]) -> str:
    """Whether a fact still holds, and since when."""
    state = {"current": "", "superseded": "outdated", "wrong": "wrong"}[fact["state"]]
    times = (
        f"{word} {date(fact[at])[:10]}" for word, at in (("since", "valid_from"), ("until", "valid_to")) if fact[at]
    )
    return ", ".join(filter(None, (state, *times)))


def _what(record: dict[str, Any]) -> str:
    """What a record is, and who wrote it: message by you in “Anna”."""
    by = f" by {person(record['author'])}" if record["author"] else ""
    chat, title = record["kind"] == "message", record["title"]
    told = title == record["author"] if chat else record["text"].startswith(title)
    return f"{record['kind']}{by}" + ("" if told else f" in “{title}”" if chat else f" “{title}”")


@click.command()
@click.argument("when", nargs=-1, metavar="[WHEN]")
@limit_option(200)
@json_option
@click.pass_obj
def timeline(state: State, when: tuple[str, ...], limit: int, as_json: bool) -> None:
    """Show a day or a longer period in order: what was said, written and in the calendar. Default: today.

    A date without a year is the nearest one that holds anything.
    """
    words = plain(" ".join(when)) or "today"
    told = found(state, "memory.timeline", as_json, when=words, limit=limit)
    last = datetime.fromisoformat(told["end"]) - timedelta(seconds=1)
    span = " to ".join(dict.fromkeys((told["begin"][:10], f"{last:%Y-%m-%d}")))
    click.echo(click.style(span, bold=True) if told["records"] else f"Nothing from {span}.")
    for record in told["records"]:
        text = " ".join(record["text"].split())
        click.echo(click.style(f"{date(record['at'])}  {_what(record)}  {record['id']}", dim=True))
        click.echo(f"  {text[:300]}{' …' if len(text) > 300 else ''}")
    if told["more"]:
        click.echo(f"There is more. Use --limit {limit * 2} to see it.", err=True)
    for year in told["other_years"]:
        click.echo(f"Also in {year}: voiceos memory timeline {words} {year}", err=True)


COMMANDS = (search, ask, facts, show, timeline)
