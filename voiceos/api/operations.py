"""The registry of operations: each has a typed request, a typed answer, and one piece of code for every way in."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, get_args, get_type_hints

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from voiceos.api.desk import Desk
from voiceos.api.routes import ROUTES, Route
from voiceos.errors import UsageError


class Request(BaseModel):
    """What is asked; closed to fields that nobody knows."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Nothing(Request):
    """A request without parameters."""


@dataclass(frozen=True, slots=True)
class Operation:
    """One thing that the host does for its faces."""

    name: str
    route: Route
    request: type[Request]
    answer: TypeAdapter[Any]
    """Of the answer; of one event where it streams."""
    run: Callable[[Desk, Any], Any]
    about: str
    """What it does, in a sentence."""

    def asked(self, values: dict[str, Any]) -> Request:
        """The request. Raises UsageError when a field is missing, unknown or wrong."""
        try:
            return self.request.model_validate(values)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            where = ".".join(map(str, first["loc"])) or "the request"
            raise UsageError(f"{self.name}: {where}: {first['msg']}.") from None


OPERATIONS: dict[str, Operation] = {}


def one_of(asked: Request, otherwise: str, *beside: str) -> None:
    """Raises UsageError with this sentence unless exactly one field is given; those in `beside` do not count."""
    if sum(bool(value) for name, value in asked if name not in beside) != 1:
        raise UsageError(otherwise)


def operation(name: str) -> Callable[[Callable[[Desk, Any], Any]], Callable[[Desk, Any], Any]]:
    """Registers a function of a desk and a request: its annotations are its shapes, its docstring documents it."""

    def register(run: Callable[[Desk, Any], Any]) -> Callable[[Desk, Any], Any]:
        hints = get_type_hints(run)
        answer = hints.pop("return")
        route = ROUTES[name]
        if route.streams:
            answer = get_args(answer)[0]
        request = next(kind for kind in hints.values() if kind is not Desk)
        OPERATIONS[name] = Operation(name, route, request, TypeAdapter(answer), run, inspect.getdoc(run) or "")
        return run

    return register
