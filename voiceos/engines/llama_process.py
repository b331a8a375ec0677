"""The child process of the local language model: llama.cpp's server, on loopback, until its parent ends.

It is started by `voiceos.engines.llama` and takes its orders as one line of JSON on standard input, so that the key is
in no command line and no environment. It answers with one line of JSON on standard output: {"url": …} or {"error": …}.
When standard input closes, the parent has ended, and this process ends at once.

As a service of systemd's it takes one connection of the socket that it is given in place of standard input and output,
and llama.cpp answers on a Unix socket in the service's own folder: no network is needed at all.
"""

import contextlib
import ctypes
import importlib
import json
import os
import signal
import socket
import sys
import threading
from enum import IntEnum
from pathlib import Path
from typing import Any, NotRequired, TypedDict

from voiceos.engines.llama_server import Running

MODEL_REFUSED = 3
"""Exit status: llama.cpp could not load the file."""
SERVER_ENDED = 4
"""Exit status: the owner's llama-server has ended."""
PR_SET_PDEATHSIG = 1
FIRST_SOCKET = 3
"""The descriptor of the first socket that systemd passes: sd_listen_fds(3)."""


class Slot(IntEnum):
    """Who reads where: each finds what its prompts begin with in the cache, and nobody drops that of another.

    When the context is full, llama.cpp empties the first that is idle.
    """

    EXTRACTION = 0
    CALLING = 1
    FROM_LINES = 2
    REWORDING = 3
    CHOOSING = 4
    TALK = 5


class Orders(TypedDict):
    """What the parent asks for."""

    model: str
    name: str
    context: int
    """Tokens."""
    threads: int
    """For generating; one core stays free for hearing and speaking."""
    reading_threads: int
    """For reading the prompt, when nothing else is busy and somebody is waiting for the first word."""
    key: str
    parent: int
    """The parent's process id."""
    die_with_spawner: bool
    """Whether the thread that started us lives as long as the parent (see `die_with_parent`)."""
    server: NotRequired[str]
    """The path of a llama-server to use instead of our own llama.cpp."""


def main() -> int:
    folder = os.environ.get("RUNTIME_DIRECTORY") if os.environ.get("LISTEN_PID") == str(os.getpid()) else None
    if folder:
        take_a_connection()
    answers = own_standard_output()
    orders: Orders = json.loads(sys.stdin.readline())
    die_with_parent(orders, caged=folder is not None)
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)  # no state to save, so dying is a clean stop
    try:
        server = serve(orders, f"{folder}/http.sock" if folder else "127.0.0.1")
    except RuntimeError as error:
        print(json.dumps({"error": str(error)}), file=answers, flush=True)
        return MODEL_REFUSED
    print(json.dumps({"url": server.listening_address}), file=answers, flush=True)
    if isinstance(server, Running):
        server.wait()
        return SERVER_ENDED
    while True:
        signal.pause()


def take_a_connection() -> None:
    """Puts the next connection in place of standard input and output."""
    with socket.socket(fileno=FIRST_SOCKET) as listener, listener.accept()[0] as connection:
        os.dup2(connection.fileno(), 0)
        os.dup2(connection.fileno(), 1)


def serve(orders: Orders, where: str) -> Any:
    """llama.cpp's server with the model loaded, listening on a free port of an address, or on a path that ends in
    `.sock`. RuntimeError when it cannot.
    """
    if where.endswith(".sock"):
        Path(where).unlink(missing_ok=True)  # of one that was killed
    if program := orders.get("server"):
        return Running(program, orders, where, len(Slot))
    xllamacpp: Any = importlib.import_module("xllamacpp")
    p = xllamacpp.CommonParams()
    p.model.path = orders["model"]
    p.model_alias = {orders["name"]}
    p.hostnames = [where]
    p.port = 0
    p.api_keys = [orders["key"]]
    p.ui = False
    p.verbosity = 1  # errors only: a service's words are written to a card
    p.endpoint_slots = False
    p.use_jinja = True
    p.n_ctx = orders["context"]
    p.n_batch = 512
    p.n_parallel = len(Slot)
    p.kv_unified = True  # all in the one context
    p.cache_prompt = True
    p.cache_ram_mib = 0  # no second cache beside the slot's own
    p.n_threads_http = len(Slot) + 1  # a request for a busy slot waits; health is still answered
    p.cpuparams.n_threads = orders["threads"]
    p.cpuparams_batch.n_threads = orders["reading_threads"]
    return xllamacpp.Server(p)


def own_standard_output() -> Any:
    """A private copy of standard output. Whatever the library prints goes to standard error."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return answers


def die_with_parent(orders: Orders, *, caged: bool) -> None:
    """Makes this process end when its parent does, however that ends; as a service, when the connection ends.

    The kernel's own death signal follows the *thread* that started us, so it is only used when that thread lives
    as long as the parent. The end of standard input always works.
    """
    threading.Thread(target=end_with_standard_input, name="lifeline", daemon=True).start()
    if caged:
        return
    if orders["die_with_spawner"]:
        with contextlib.suppress(OSError, AttributeError):  # not Linux
            ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != orders["parent"]:
        os._exit(0)  # it was gone before we asked
    with contextlib.suppress(OSError):  # when memory runs out, the model goes first, because voiceos can restart it
        Path("/proc/self/oom_score_adj").write_text("500")


def end_with_standard_input() -> None:
    with contextlib.suppress(OSError):
        while os.read(0, 1024):
            pass
    os._exit(0)


if __name__ == "__main__":
    sys.exit(main())
