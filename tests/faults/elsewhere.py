"""A language model elsewhere that does what none should."""

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self

REPLY = "The moon is far away."


class Elsewhere:
    """An OpenAI-compatible server; `does` says how it answers from now on."""

    def __init__(self) -> None:
        self.does = "well"
        self._over = threading.Event()
        elsewhere = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["Content-Length"]))
                elsewhere._answer(self)  # pyright: ignore[reportPrivateUsage]

            def log_message(self, format: str, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/v1"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.1,), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._server.shutdown()
        self._server.server_close()

    def _answer(self, to: BaseHTTPRequestHandler) -> None:
        if self.does == "hangs":
            self._over.wait(60)
            return
        to.send_response(500 if self.does == "says 500" else 200)
        to.send_header("Content-Type", "text/html" if self.does == "sends a web page" else "text/event-stream")
        to.end_headers()
        if self.does == "sends a web page":
            to.wfile.write(b"<!DOCTYPE html><title>Log in</title>" * 100)
        elif self.does == "sends rubbish":
            to.wfile.write(b"data: {\x00\xff[[[\n\n" * 100)
        elif self.does != "says 500":
            self._stream(to)

    def _stream(self, to: BaseHTTPRequestHandler) -> None:
        for number, word in enumerate(REPLY.split(" ")):
            if number == 3 and self.does == "breaks off":
                return
            if number == 3 and self.does == "stalls":
                self._over.wait(60)
                return
            part = {"choices": [{"index": 0, "delta": {"content": f"{word} "}, "finish_reason": None}]}
            to.wfile.write(f"data: {json.dumps(part)}\n\n".encode())
            to.wfile.flush()
            time.sleep(0.01)
        to.wfile.write(b'data: {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}\n\ndata: [DONE]\n\n')
