"""The operations as an OpenAPI document, made from their shapes. `python -m voiceos.api.openapi` prints it."""

import json
from typing import Any

from pydantic import TypeAdapter

from voiceos import __version__
from voiceos.api import (
    accounting,
    conversing,
    diagnosing,
    keeping,
    listing,
    muting,
    prompting,
    reviewing,
    searching,
    spending,
    taking,
    tooling,
)
from voiceos.api.operations import OPERATIONS, Operation

MODULES = (
    accounting,
    conversing,
    diagnosing,
    keeping,
    listing,
    muting,
    prompting,
    reviewing,
    searching,
    spending,
    taking,
    tooling,
)
"""Those whose import registers operations."""
REFERENCE = "#/components/schemas/{model}"


def document() -> dict[str, Any]:
    """OpenAPI 3.1."""
    answers = [(one.name, "serialization", one.answer) for one in OPERATIONS.values()]
    schemas, shared = TypeAdapter[Any].json_schemas(answers, ref_template=REFERENCE)  # pyright: ignore[reportArgumentType]
    components: dict[str, Any] = shared.get("$defs", {})
    paths: dict[str, dict[str, Any]] = {}
    for one in OPERATIONS.values():
        asked = one.request.model_json_schema(ref_template=REFERENCE)
        components |= asked.pop("$defs", {})
        described = _described(one, asked, schemas[one.name, "serialization"])
        paths.setdefault(one.route.path, {})[one.route.method.lower()] = described
    return {
        "openapi": "3.1.0",
        "info": {"title": "voiceos", "version": __version__},
        "paths": paths,
        "components": {"schemas": dict(sorted(components.items()))},
    }


def _described(one: Operation, asked: dict[str, Any], answer: dict[str, Any]) -> dict[str, Any]:
    kind = "text/event-stream" if one.route.streams else "application/json"
    described: dict[str, Any] = {
        "operationId": one.name,
        "summary": one.about,
        "responses": {
            "200": {
                "description": "Events, each of this shape." if one.route.streams else "The answer.",
                "content": {kind: {"schema": answer}},
            },
            "default": {"description": "A failure, as a sentence for the user."},
        },
    }
    parameters = [
        {
            "name": name,
            "in": "path" if f"{{{name}}}" in one.route.path else "query",
            "required": name in asked.get("required", []),
            "schema": schema,
        }
        for name, schema in asked["properties"].items()
        if one.route.method == "GET"
    ]
    if parameters:
        described["parameters"] = parameters
    if one.route.method == "POST":
        described["requestBody"] = {"content": {"application/json": {"schema": asked}}}
    return described


if __name__ == "__main__":
    print(json.dumps(document(), indent=1))  # noqa: T201
