"""The registry of operations. Each has a typed request, a typed answer, and one implementation."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar, get_args, get_type_hints

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, create_model

from voiceos.api.routes import ROUTES, Route
from voiceos.errors import UsageError

Run = TypeVar("Run", bound=Callable[..., Any])
EMPTY = inspect.Parameter.empty
Text = Annotated[str, Field(min_length=1)]
Count = Annotated[int, Field(ge=1, le=10_000)]


class Request(BaseModel):
    """A request. Unknown fields are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of the host."""

    name: str
    route: Route
    request: type[Request]
    answer: TypeAdapter[Any]
    """Shape of the answer, or of one event if it streams."""
    run: Callable[..., Any]
    """Of a desk and what is asked."""
    about: str
    """What it does, in a sentence."""

    def asked(self, values: dict[str, Any]) -> Request:
        """The request. Raises UsageError when a field is missing, unknown or wrong."""
        try:
            return self.request.model_validate(values)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            if first["type"] == "string_unicode":
                raise UsageError(f"The {first['loc'][0]} is not valid UTF-8.") from None
            if first["type"] in ("string_too_short", "too_short"):
                raise UsageError(f"The {first['loc'][0]} must not be empty.") from None
            where = ".".join(map(str, first["loc"])) or "the request"
            raise UsageError(f"{self.name}: {where}: {first['msg']}.") from None


OPERATIONS: dict[str, Operation] = {}


def one_of(otherwise: str, *given: object) -> None:
    """Raises UsageError with this sentence unless exactly one of them is given."""
    if sum(map(bool, given)) != 1:
        raise UsageError(otherwise)


def operation(name: str) -> Callable[[Run], Run]:
    """Registers a function of a desk and what is asked: annotations are its shapes, its docstring documents it."""

    def register(run: Run) -> Run:
        hints = get_type_hints(run, include_extras=True)
        answer = hints.pop("return")
        route = ROUTES[name]
        if route.streams:
            answer = get_args(answer)[0]
        defaults = {key: one.default for key, one in inspect.signature(run).parameters.items() if key != "desk"}
        fields: dict[str, Any] = {key: (hints[key], ... if one is EMPTY else one) for key, one in defaults.items()}
        request = create_model(name, __base__=Request, **fields)
        OPERATIONS[name] = Operation(name, route, request, TypeAdapter(answer), run, inspect.getdoc(run) or "")
        return run

    return register
