"""A server that needs to know more within a call: what it asks, and the owner's answer in the form that it wants."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, cast

from voiceos.errors import ToolError
from voiceos.tools.mcp.words import visible
from voiceos.tools.valid import Schema, check_arguments

MOST_CHARACTERS = 300

Ask = Callable[[str, Schema], Awaitable[Mapping[str, object] | None]]
"""Asks the owner a question, and returns what they answered for each field of a schema; None where they will not."""


def asking(name: str, ask: Ask) -> Callable[..., Awaitable[Any]]:
    """The SDK's callback. A form that the answer does not fill is declined; an address is never opened by itself."""

    async def asked(context: Any, params: Any) -> Any:
        from mcp_types import ElicitResult

        if params.mode != "form":
            return ElicitResult(action="decline")
        schema = cast(Schema, params.requested_schema)
        given = await ask(visible(params.message, MOST_CHARACTERS), schema)
        if given is None:
            return ElicitResult(action="decline")
        content = {**defaults_of(schema), **given}
        try:
            check_arguments(name, schema, content)
        except ToolError:
            return ElicitResult(action="cancel")
        return ElicitResult.model_validate({"action": "accept", "content": content})

    return asked


def defaults_of(schema: Schema) -> dict[str, object]:
    """What a field is where nobody says otherwise."""
    fields = cast(Mapping[str, Mapping[str, object]], schema.get("properties", {}))
    return {key: one["default"] for key, one in fields.items() if "default" in one}
