"""What a local model is told of the tools that may fit a request: as little as lets it choose and fill them in."""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from voiceos.language.data import table
from voiceos.language.terms import words
from voiceos.mind.prompt import Message
from voiceos.tools.form import Field, Form, Kind

LONGEST_ABOUT = 120
"""Characters of what a tool does."""
LONGEST_FIELD = 60
"""Characters of what a field is."""
LONGEST_BEFORE = 120
SHOWN_CHOICES = 12

_TYPES = {Kind.TEXT: "str", Kind.INTEGER: "int", Kind.NUMBER: "float", Kind.BOOLEAN: "bool"}


def messages(
    text: str,
    forms: Mapping[str, tuple[str, Form]],
    before: str = "",
    day: datetime | None = None,
    language: str = "en",
) -> list[Message]:
    """The prompt. `forms`: by name what each tool does, and its form. All but the last message is always the same."""
    data = table(language, "calling")
    told = [Message(role="system", content=data["system"].strip())]
    for example in data["examples"]:
        asked = data["request"].format(text=example["request"])
        told.append(Message(role="user", content=f"{example['functions'].strip()}\n{asked}"))
        told.append(Message(role="assistant", content=example["answer"]))
    lines = [line for name, (about, form) in forms.items() for line in _described(name, about, form)]
    if day:
        lines.append(data["today"].format(day=f"{day:%A %Y-%m-%d}"))
    if before:
        lines.append(data["before"].format(text=cut(before, LONGEST_BEFORE)))
    lines.append(data["request"].format(text=text))
    return [*told, Message(role="user", content="\n".join(lines))]


def _described(name: str, about: str, form: Form) -> Iterator[str]:
    fields = (f"{one.name}: {_type(one)}{'' if one.required else ' = None'}" for one in form.fields)
    yield f"{name}({', '.join(fields)})"
    about = first_sentence(about)
    yield f"  {about}"
    known = {*words(about.replace("_", " ")), *words(name.replace("_", " ").replace(".", " "))}
    for one in form.fields:
        said = cut(one.about, LONGEST_FIELD)
        if len({*words(said)} - known - {*words(one.name.replace("_", " "))}) > 1:
            yield f"  {one.name}: {said}"


def _type(one: Field) -> str:
    if one.choices:
        return " | ".join(json.dumps(choice, ensure_ascii=False) for choice in one.choices[:SHOWN_CHOICES])
    if one.kind is Kind.LIST:
        return f"list[{_type(one.fields[0])}]"
    if one.kind is Kind.OBJECT:
        return "{" + ", ".join(f'"{each.name}": {_type(each)}' for each in one.fields) + "}"
    return _TYPES[one.kind]


def first_sentence(text: str) -> str:
    """The first sentence, or as much of it as fits."""
    text = " ".join(text.split())
    end = text.find(". ")
    return cut(text[: end + 1] if end > 0 else text, LONGEST_ABOUT)


def cut(text: str, longest: int) -> str:
    """The words of a text that fit."""
    text = " ".join(text.split())
    return text if len(text) <= longest else text[:longest].rsplit(" ", 1)[0]


def call_names(names: Sequence[str]) -> list[str]:
    """The names of tools as a model may write them."""
    return ["".join(letter if letter.isalnum() or letter in "._" else "_" for letter in name) for name in names]
