"""The assistant with its sound on stdin and stdout, for a harness that drives it as a process.

    python benchmarks/over_pipes.py --base-url http://127.0.0.1:8710/v1 --set recognition.model=/models/whisper-base

Sound comes as 16 kHz mono s16le on stdin; frames and events go out on stdout, as `pipe_audio.py` says. On the file
descriptor named by $BENCH_CTRL it reads lines: `arm` is a wake word, `reset` forgets the conversation.
"""

import argparse
import os
import sys

import anyio
from pipe_audio import PipeAudio

from voiceos.app import open_host
from voiceos.assistant import Assistant
from voiceos.config.load import read_config
from voiceos.config.settings import Config
from voiceos.core import Notice, NoticeKind, Stage
from voiceos.host import Host
from voiceos.senses import real_engines

BUSY = ("hearing", "thinking", "speaking")


class Reporter:
    """An observer that tells the harness what happens, in its words."""

    def __init__(self, audio: PipeAudio) -> None:
        self._audio = audio
        self._ready = False

    def __call__(self, notice: Notice) -> None:
        match notice.kind:
            case NoticeKind.STATE:
                if not self._ready:  # the harness sends no sound before this
                    self._ready = True
                    self._audio.event("ready", t=notice.at)
                self._audio.event("busy" if notice.text in BUSY else "idle", t=notice.at)
                if notice.text == "thinking":
                    self._audio.event("eot", t=notice.at)
            case NoticeKind.TRANSCRIPT:
                self._audio.event("transcript", t=notice.at, text=notice.text)
            case NoticeKind.SAYING:
                self._audio.event("tts_first", t=notice.at)
            case NoticeKind.INTERRUPT:
                self._audio.event("interrupt", t=notice.at)
            case NoticeKind.TURN if notice.turn:
                if Stage.PAUSE in notice.turn.marks:
                    self._audio.event("vad_stop", t=notice.turn.marks[Stage.PAUSE])
            case _:
                pass


async def serve(config: Config) -> None:
    async with (
        PipeAudio() as audio,
        open_host(config, "a benchmark", observers=[Reporter(audio)]) as host,
        real_engines(config, host.warm) as engines,
        anyio.create_task_group() as tasks,
    ):
        assistant = Assistant(host, engines, audio)
        if control := os.environ.get("BENCH_CTRL"):
            tasks.start_soon(obey, int(control), host, assistant)
        await assistant.run()
        tasks.cancel_scope.cancel()


async def obey(descriptor: int, host: Host, assistant: Assistant) -> None:
    """What the harness asks for, a line each."""
    pending = b""
    while True:
        await anyio.wait_readable(descriptor)
        data = os.read(descriptor, 4096)
        if not data:
            return
        *lines, pending = (pending + data).split(b"\n")
        for line in lines:
            if line == b"reset":
                host.forget()
            elif line == b"arm" and assistant.asleep:
                assistant.press()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--base-url", default="")
    parser.add_argument("--set", dest="settings", action="append", default=[], metavar="KEY=VALUE")
    arguments = parser.parse_args()
    settings = {"wake.mode": "open", "store.keep_turns": "false", "audio.earcons": "false", "mind.max_tokens": "60"}
    settings["mind.temperature"] = "0"
    if arguments.base_url:
        settings |= {"mind.base_url": arguments.base_url, "mind.model": "local"}
    settings |= dict(pair.split("=", 1) for pair in arguments.settings)
    anyio.run(serve, read_config(overrides=settings).right().config)
    sys.stdout.flush()


if __name__ == "__main__":
    main()
