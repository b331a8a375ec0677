"""Serves the operations over HTTP/1.1 on a Unix socket, to the assistant's user and to root."""

import asyncio
import json
import logging
import os
import socket
import struct
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Generator
from contextlib import aclosing, asynccontextmanager, contextmanager
from http import HTTPStatus
from pathlib import Path
from typing import Any, get_origin

import anyio
import uvicorn
from pydantic import BaseModel
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route
from uvicorn.protocols.http.h11_impl import H11Protocol

from voiceos import errors
from voiceos.api.client import END
from voiceos.api.desk import Desk
from voiceos.api.metrics import CONTENT_TYPE, metrics
from voiceos.api.openapi import document
from voiceos.api.operations import OPERATIONS, Operation
from voiceos.errors import EngineError, UsageError, VoiceosError

log = logging.getLogger(__name__)

LARGEST_BYTES = 300_000_000
"""Largest request: a long recording as base64."""
LARGEST_QUERY_BYTES = 1_000_000
REQUEST_SECONDS = 10.0
"""Between two pieces of a request. Who sends half of one holds nothing for longer."""
MOST_CONNECTIONS = 200
"""At once. A client that loses its own would take every file that this process may open, the store's too."""
STATUSES = {64: HTTPStatus.BAD_REQUEST, 65: HTTPStatus.UNPROCESSABLE_ENTITY}
"""HTTP's status for an exit code; any other failure is a 503."""


@asynccontextmanager
async def serving(desk: Desk, path: Path, *, group: bool = False) -> AsyncGenerator[None]:
    """Answers on the socket `path` while it is entered. `group`: also to members of the socket's group.

    Raises UsageError when the socket cannot be made.
    """
    with _listening(path, group) as listener:
        config = uvicorn.Config(
            _application(desk),
            http=_Peers,
            lifespan="off",
            log_config=None,
            log_level="warning",
            access_log=False,
            ws="none",
            server_header=False,
            h11_max_incomplete_event_size=LARGEST_QUERY_BYTES,
        )
        server = _Server(config)
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(server.serve, [listener])
            try:
                yield
            finally:
                server.leave()
                tasks.cancel_scope.cancel()


@contextmanager
def _listening(path: Path, group: bool) -> Generator[socket.socket]:
    mode = 0o660 if group else 0o600
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if path.parent.stat().st_uid != os.geteuid():
            raise UsageError(f"The folder {path.parent} belongs to another user. Remove it, or set XDG_RUNTIME_DIR.")
        path.unlink(missing_ok=True)  # its creator is gone, because the store has one owner
        before = os.umask(0o777 & ~mode)
        try:
            listener.bind(str(path))
        finally:
            os.umask(before)
        listener.listen(64)
        listener.setblocking(False)
    except OSError as error:
        listener.close()
        raise UsageError(f"Cannot create the socket {path} ({error.strerror}). Check who owns its folder.") from error
    try:
        yield listener
    finally:
        listener.close()
        path.unlink(missing_ok=True)


class _Server(uvicorn.Server):
    """Leaves the process's signals alone, and can stop at once."""

    def leave(self) -> None:
        """Hangs up. The loop must let go of the listening sockets before they are closed: it would never hear the next
        one that gets the same number.
        """
        for listening in getattr(self, "servers", []):
            listening.close()
        logging.getLogger("uvicorn.error").addFilter(_is_failure)
        for request in self.server_state.tasks:
            request.cancel()

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        yield


def _is_failure(record: logging.LogRecord) -> bool:
    """Hanging up on a request cancels it, which uvicorn would log as a failure."""
    return not (record.exc_info and isinstance(record.exc_info[1], asyncio.CancelledError))


class _Peers(H11Protocol):
    """Disconnects users who may not connect, as the socket's mode already ensures, and who is too many or silent."""

    def connection_made(self, transport: Any) -> None:
        _, user, group = peer_of(transport.get_extra_info("socket"))
        if user not in (0, os.geteuid()) and group != os.getegid() and not _is_member(user, os.getegid()):
            log.warning("Refused a connection from user %d.", user)
            transport.abort()
        if len(self.connections) >= MOST_CONNECTIONS:
            transport.abort()
        super().connection_made(transport)
        self.loop.call_later(REQUEST_SECONDS, self._hang_up_on_silence)

    def _hang_up_on_silence(self) -> None:
        if not self.cycle:  # no request has begun
            self.transport.abort()


def peer_of(line: socket.socket) -> tuple[int, int, int]:
    """Process, user and group at the other end. See SO_PEERCRED in unix(7)."""
    process, user, group = struct.unpack("3i", line.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))
    return process, user, group


def _is_member(user: int, group: int) -> bool:
    import grp
    import pwd

    try:
        return pwd.getpwuid(user).pw_name in grp.getgrgid(group).gr_mem
    except KeyError:
        return False


def _application(desk: Desk) -> Starlette:
    async def described(request: Request) -> Response:
        return JSONResponse(document())

    async def measured(request: Request) -> Response:
        return Response(await metrics(desk), media_type=CONTENT_TYPE)

    routes = [
        Route("/v1/openapi.json", described, methods=["GET"]),
        Route("/metrics", measured, methods=["GET"]),
    ]
    for one in OPERATIONS.values():
        routes.append(Route(one.route.path, _endpoint(desk, one), methods=[one.route.method], name=one.name))
    return Starlette(routes=routes)


def _endpoint(desk: Desk, operation: Operation) -> Callable[[Request], Any]:
    async def endpoint(request: Request) -> Response:
        try:
            asked = operation.asked(await _values(request, operation.request))
            if operation.route.streams:
                return StreamingResponse(_events(desk, operation, asked), media_type="text/event-stream")
            answer = operation.answer.dump_json(await operation.run(desk, **dict(asked)))
            return Response(answer, media_type="application/json")
        except ClientDisconnect:
            return Response()  # nobody reads it
        except Exception as error:
            problem = told(error)
            return JSONResponse({"error": problem}, STATUSES.get(problem["exit_code"], HTTPStatus.SERVICE_UNAVAILABLE))

    return endpoint


async def _values(request: Request, asked: type[BaseModel]) -> dict[str, Any]:
    """The parameters of path, query and body together."""
    values: dict[str, Any] = dict(request.query_params)
    for name, field in asked.model_fields.items():
        if name in values and get_origin(field.annotation) in (list, tuple):
            values[name] = request.query_params.getlist(name)
    if request.method == "POST":
        body = await _body(request)
        try:
            given = json.loads(body) if body else {}
        except ValueError:
            raise UsageError("The request's body is not JSON.") from None
        if not isinstance(given, dict):
            raise UsageError("The request's body is not a JSON object.")
        values |= given
    return values | request.path_params


async def _body(request: Request) -> bytes:
    body = bytearray()
    with anyio.move_on_after(REQUEST_SECONDS) as patience:
        async for piece in request.stream():
            body += piece
            if len(body) > LARGEST_BYTES:
                raise UsageError(f"The request is larger than {LARGEST_BYTES // 10**6} MB.")
            patience.deadline = anyio.current_time() + REQUEST_SECONDS
        return bytes(body)
    raise UsageError(f"The rest of the request did not come within {REQUEST_SECONDS:.0f} s.")


async def _events(desk: Desk, operation: Operation, asked: BaseModel) -> AsyncIterator[str]:
    """Server-sent events (the HTML standard's); the last one is of the type `end` or, after a failure, `error`."""
    try:
        async with aclosing(operation.run(desk, **dict(asked))) as events:
            async for event in events:
                yield f"data: {operation.answer.dump_json(event).decode()}\n\n"
        yield f"event: {END}\n\n"
    except Exception as error:
        yield f"event: error\ndata: {json.dumps({'error': told(error)})}\n\n"


def told(error: Exception) -> dict[str, Any]:
    """A failure as the client sees it. Unforeseen ones go to the log."""
    if not isinstance(error, VoiceosError):
        log.error("A request failed.", exc_info=error)
        error = EngineError(f"Something unexpected went wrong ({type(error).__name__}); the log has the details.")
    kinds = (kind.__name__ for kind in type(error).__mro__)
    return {
        "type": next(kind for kind in kinds if hasattr(errors, kind)),
        "message": str(error),
        "spoken": error.spoken,
        "exit_code": error.exit_code,
    }
