"""What goes wrong with a server, in a sentence: it refuses, or its connection is broken."""

from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from typing import cast

from voiceos.errors import ToolError, VoiceosError
from voiceos.tools.mcp.words import visible


def refusal(error: Exception) -> str:
    """Why a server says that it did nothing; "" where it is not the server that says so, or it does not know."""
    from mcp import MCPError
    from mcp_types import CONNECTION_CLOSED, INTERNAL_ERROR, INVALID_REQUEST, PARSE_ERROR, REQUEST_TIMEOUT

    unknown = (CONNECTION_CLOSED, INTERNAL_ERROR, INVALID_REQUEST, PARSE_ERROR, REQUEST_TIMEOUT)
    if isinstance(error, MCPError) and error.code not in unknown:
        return error.message or f"error {error.code}"
    return ""


def broken(error: Exception) -> str:
    """What is wrong with a connection, in one line."""
    from mcp import MCPError
    from mcp_types import PARSE_ERROR

    for one in _leaves(error):
        if isinstance(one, ValueError) or (isinstance(one, MCPError) and one.code == PARSE_ERROR):
            return "its answer is not one of the protocol"
    return sentence(error)


def sentence(error: BaseException) -> str:
    """A stranger's failure in one line."""
    first = next((one for one in _leaves(error) if isinstance(one, VoiceosError)), next(_leaves(error), error))
    text = visible(str(first), 300).split("\n")[0].rstrip(". ")
    return text or type(first).__name__


@contextmanager
def failing(server: str) -> Generator[None]:
    """What goes wrong with a server, as a ToolError."""
    try:
        yield
    except VoiceosError:
        raise
    except Exception as error:  # the library raises what it likes on a stranger's answers
        raise ToolError(f"The tools of {server} cannot be used: {sentence(error)}.") from error


def _leaves(error: BaseException) -> Iterator[BaseException]:
    """The failures inside a task group's failure."""
    if isinstance(error, BaseExceptionGroup):
        for inner in cast(Sequence[BaseException], error.exceptions):
            yield from _leaves(inner)
    else:
        yield error
