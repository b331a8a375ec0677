"""The operations as an OpenAPI document, made from their shapes: `python -m voiceos.api.openapi` prints it."""

import json
from typing import Any

from pydantic import BaseModel

from voiceos import __version__
from voiceos.api.offered import offered
from voiceos.api.operations import Operation

TEMPLATE = "#/components/schemas/{model}"


def document() -> dict[str, Any]:
    """OpenAPI 3.1."""
    schemas: dict[str, Any] = {}
    paths: dict[str, dict[str, Any]] = {}
    for one in offered().values():
        paths.setdefault(one.route.path, {})[one.route.method.lower()] = _described(one, schemas)
    return {
        "openapi": "3.1.0",
        "info": {"title": "voiceos", "version": __version__},
        "paths": paths,
        "components": {"schemas": dict(sorted(schemas.items()))},
    }


def _described(one: Operation, schemas: dict[str, Any]) -> dict[str, Any]:
    answer = one.answer.json_schema(ref_template=TEMPLATE, mode="serialization")
    schemas |= answer.pop("$defs", {})
    kind = "text/event-stream" if one.route.streams else "application/json"
    described: dict[str, Any] = {
        "operationId": one.name,
        "summary": one.about,
        "responses": {
            "200": {
                "description": "Events, each of this shape." if one.route.streams else "The answer.",
                "content": {kind: {"schema": answer}},
            },
            "default": {"description": "A failure, in a sentence for a person."},
        },
    }
    parameters = _parameters(one)
    if parameters:
        described["parameters"] = parameters
    if one.route.method == "POST":
        asked = _schema(one.request, schemas)
        described["requestBody"] = {"content": {"application/json": {"schema": asked}}}
    return described


def _parameters(one: Operation) -> list[dict[str, Any]]:
    asked = one.request.model_json_schema(ref_template=TEMPLATE)
    return [
        {
            "name": name,
            "in": "path" if f"{{{name}}}" in one.route.path else "query",
            "required": name in asked.get("required", []),
            "schema": schema,
        }
        for name, schema in asked.get("properties", {}).items()
        if one.route.method == "GET" or f"{{{name}}}" in one.route.path
    ]


def _schema(model: type[BaseModel], schemas: dict[str, Any]) -> dict[str, Any]:
    schema = model.model_json_schema(ref_template=TEMPLATE)
    schemas |= schema.pop("$defs", {})
    return schema


if __name__ == "__main__":
    print(json.dumps(document(), indent=1))  # noqa: T201
