"""Any llama-server in place of the llama.cpp that comes along: a build of it may suit this processor better.

It gets its orders in its environment, where one that does not know a word of them goes on.
"""

import http.client
import os
import socket
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

POLL_SECONDS = 0.1
ANSWER_SECONDS = 5.0


class Running:
    """A llama-server that was started. `listening_address`: `http://host:port`, or `unix://path`."""

    def __init__(self, program: str, orders: Mapping[str, Any], where: str, slots: int) -> None:
        """Blocks until it has loaded the model. Raises RuntimeError when it ends instead.

        `where`: an address, or a path that ends in `.sock`. It ends with the thread that this is called in.
        """
        self._path = where if where.endswith(".sock") else ""
        self._host, self._port = where, 0 if self._path else _free_port(where)
        given = {
            "LLAMA_ARG_MODEL": orders["model"],
            "LLAMA_ARG_ALIAS": orders["name"],
            "LLAMA_ARG_HOST": where,
            "LLAMA_ARG_PORT": self._port,
            "LLAMA_API_KEY": orders["key"],
            "LLAMA_ARG_CTX_SIZE": orders["context"],
            "LLAMA_ARG_THREADS": orders["threads"],
            "LLAMA_ARG_THREADS_HTTP": slots + 1,
            "LLAMA_ARG_N_PARALLEL": slots,
            "LLAMA_ARG_BATCH": 512,
            "LLAMA_ARG_KV_UNIFIED": 1,
            "LLAMA_ARG_CACHE_RAM": 0,
            "LLAMA_ARG_JINJA": 1,
            "LLAMA_ARG_UI": 0,
            "LLAMA_ARG_ENDPOINT_SLOTS": 0,
            "LLAMA_ARG_LOG_VERBOSITY": 1,
        }
        kept = {name: value for name, value in os.environ.items() if not name.startswith("LLAMA_")}
        environment = kept | {name: str(value) for name, value in given.items()}
        # setpriv, of util-linux, has the kernel end it with us.
        command = ["setpriv", "--pdeathsig", "KILL", program]
        self._process = subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL)
        self.listening_address = f"unix://{self._path}" if self._path else f"http://{where}:{self._port}"
        while not self._is_well():
            if self._process.poll() is not None:
                raise RuntimeError(f"{program} ended with status {self._process.returncode}")
            time.sleep(POLL_SECONDS)

    def wait(self) -> None:
        """Until it ends."""
        self._process.wait()

    def _is_well(self) -> bool:
        line = (
            _UnixLine(self._path) if self._path else http.client.HTTPConnection(self._host, self._port, ANSWER_SECONDS)
        )
        try:
            line.request("GET", "/health")
            return line.getresponse().status == http.client.OK
        except (OSError, http.client.HTTPException):
            return False
        finally:
            line.close()


class _UnixLine(http.client.HTTPConnection):
    def __init__(self, path: str) -> None:
        super().__init__("localhost", timeout=ANSWER_SECONDS)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(ANSWER_SECONDS)
        self.sock.connect(self._path)


def _free_port(host: str) -> int:
    with socket.socket() as one:
        one.bind((host, 0))
        return one.getsockname()[1]


def checked(program: Path) -> str:
    """What is wrong with it, in a sentence; empty: nothing."""
    if program.is_file() and os.access(program, os.X_OK):
        return ""
    return f"`mind.server` names {program}, which is no program. Give the path of a llama-server, or unset it."
