"""The table of faults: what is done to the daemon, what ends it, and what else must be true of each."""

import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

import psutil

from tests.faults.house import House

MODEL, GARDEN = "llama_process", "strange_server"
Deed = Callable[[House], None]


def nothing(house: House) -> None:
    """By itself."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A row."""

    name: str
    inject: Deed
    """In the middle of a conversation."""
    recover: Deed = nothing
    """What the world does; nobody does anything for the daemon."""
    lasts: bool = False
    """Something is asked for meanwhile."""
    also: Deed = nothing
    """What else must be true of it afterwards."""
    times: int = 1
    """How often the whole matrix does it, each time at another moment."""
    fast: bool = False
    """One of those that every change is tried with."""


# Processes


def kill_daemon(house: House) -> None:
    children = house.daemon.children(recursive=True)
    house.daemon.kill()
    left = psutil.wait_procs(children, timeout=3)[1]
    assert not left, f"these outlived it: {left}"


def outlived_by_a_tool(house: House) -> None:
    """A server of tools is at work, and hears nothing of the end of its input."""
    house.answer_from_garden()
    with house.beside(lambda: house.call("hang")):
        house.until(lambda: house.acts()[0]["progress"] == "begun")
        kill_daemon(house)


def stop_for(seconds: float) -> Deed:
    def stop(house: House) -> None:
        stopped = [house.daemon, *house.daemon.children(recursive=True)]
        for one in stopped:
            one.suspend()
        time.sleep(seconds)
        for one in stopped:
            one.resume()

    return stop


def second_daemon(house: House) -> None:
    second = subprocess.run(
        house.command, env=os.environ | house.card.environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert second.returncode != 0
    assert "is in use by" in second.stderr, second.stderr
    assert "Traceback" not in second.stderr
    assert house.systemd.process.poll() is None


def starved(house: House) -> None:
    """Three times as many processes as there are cores, for as long as a question takes."""
    burners = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(3 * (os.cpu_count() or 1))]
    try:
        house.answers(90)
    finally:
        for one in burners:
            one.kill()
            one.wait()


# The language model


def kill_model(house: House) -> None:
    house.child(MODEL).kill()


def hang_model(house: House) -> None:
    """It is alive and says nothing: it is ended by the watch over it, within half a minute."""
    house.child(MODEL).suspend()


def no_memory_for_model(house: House) -> None:
    """Nothing more can be allocated, from now on."""
    model = house.child(MODEL)
    size = model.memory_info().vms
    model.rlimit(psutil.RLIMIT_AS, (size, size))
    house.ask(f"Tell me a long story about a fox, a lighthouse and a kettle. {'Mind the details. ' * 80}")


def model_answers(house: House) -> None:
    """Within the time that its restart may take."""
    house.until(house.thinks, 90)


# Servers of tools


def kill_server_at_work(house: House) -> None:
    house.answer_from_garden()
    with house.beside(lambda: house.call("hang")) as told:
        house.until(lambda: house.acts()[0]["progress"] == "begun")
        house.child(GARDEN).kill()
    assert "did not answer" in told[0], told
    assert house.acts()[0]["progress"] == "doubted", "nobody can know whether it was done"


def change_tools(house: House) -> None:
    """What was allowed takes other arguments now, so it is asked about again."""
    house.answer_from_garden()
    house.offer("hang", "echo", schema={"type": "object", "properties": {"to": {"type": "string"}}})
    house.child(GARDEN).kill()
    house.until(lambda: "not allowed" in house.call("echo"), 20)


def offer_again(house: House) -> None:
    house.offer("hang", "echo")


def servers_that_are_none(house: House) -> None:
    """One ends at once, one never answers; the tools of the third work."""
    for name, why in (("quits", "has ended"), ("mute", "did not start within 2 seconds")):
        house.until(lambda: why in house.look(name), 60)  # noqa: B023 - called at once
    house.answer_from_garden()


def garden_answers(house: House) -> None:
    house.answer_from_garden()


# Sound


def kill_sound_server(house: House) -> None:
    house.card.kill()


def start_sound_server(house: House) -> None:
    house.card.start()
    house.hears_again()


def unplug_microphone(house: House) -> None:
    for module in ("module-remap-source", "module-null-sink sink_name=vos_inject"):
        house.unplug(module)
    house.until(lambda: "went silent" in house.log_of_row, 30)


def plug_in(rate: int) -> Deed:
    def plug(house: House) -> None:
        house.plug("module-null-sink", f"rate={rate}", "channels=1", "norewinds=1", "sink_name=vos_inject")
        house.plug("module-remap-source", "source_name=vos_mic", "master=vos_inject.monitor")
        house.plug_default("source", "vos_mic")
        house.hears_again()

    return plug


def speaker_gone_in_mid_reply(house: House) -> None:
    house.until(lambda: house.state() == "speaking", 20)
    house.unplug("sink_name=vos_spk")
    house.until(lambda: house.state() != "speaking", 20)


def plug_in_speaker(house: House) -> None:
    house.plug("module-null-sink", "rate=48000", "channels=1", "norewinds=1", "sink_name=vos_spk")
    house.plug_default("sink", "vos_spk")
    house.hears_again()


def wake_words_without_end(house: House) -> None:
    for _ in range(2):
        house.card.say(house.recorded("flood", *["alexa_1", "alexa_2", "alexa_3"] * 3))


# What clients do


def flood_socket(house: House) -> None:
    """Three hundred who say half of something and hold on, and as many requests at once as can be sent."""
    held: list[socket.socket] = []
    for _ in range(300):
        line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        line.settimeout(1)
        try:
            line.connect(str(house.client.path))
            line.sendall(b"POST /v1/ask HTTP/1.1\r\nHost: voiceos\r\nContent-Length: 1000\r\n\r\n{")
            held.append(line)
        except OSError:
            line.close()
    rubbish = random.Random(1).randbytes(100_000)
    for _ in range(20):
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
            line.settimeout(1)
            line.connect(str(house.client.path))
            try:
                line.sendall(rubbish)
            except OSError:
                continue  # hung up on
    house.promise()
    for line in held:
        line.close()


# Files


def fill_disk(house: House) -> None:
    house.disk.run("sh", "-c", f"head -c 1G /dev/zero > {house.folder}/disk/ballast || true")


def make_room(house: House) -> None:
    house.disk.run("rm", f"{house.folder}/disk/ballast")


def all_is_kept(house: House) -> None:
    house.ask("what time is it?")  # the next turn takes those with it that waited
    assert house.unkept() == []


def read_only(house: House) -> None:
    """As after a power cut that damaged the card: it starts, and what it keeps things on cannot be written."""
    house.systemd.process.send_signal(signal.SIGKILL)
    house.systemd.process.wait()
    house.disk.run("mount", "-o", "remount,ro", f"{house.folder}/disk")
    house.until(lambda: house.systemd.restarts)
    house.settle()


def writable(house: House) -> None:
    """Whoever mends a card starts the machine again."""
    house.disk.run("mount", "-o", "remount,rw", f"{house.folder}/disk")
    house.systemd.process.kill()
    house.systemd.process.wait()
    house.systemd.listening.clear()


def damage_database(house: House) -> None:
    """Pages in the middle of the file become rubbish, while it is open."""
    file = house.disk.seen / "state" / "memory.db"
    house.disk.run(
        *("dd", "if=/dev/urandom", f"of={house.folder}/disk/state/memory.db", "bs=4096", "conv=notrunc"),
        *(f"seek={file.stat().st_size // 8192}", "count=4", "status=none"),
    )
    house.until(lambda: house.promise() and "is damaged" in house.log_of_row, 30)


def salvaged(house: House) -> None:
    house.until(lambda: "salvage" in house.log_of_row.partition("is damaged")[2].partition("\n")[2], 90)
    house.settle()
    house.promises.clear()
    house.promise()


def break_settings(house: House) -> None:
    house.good_settings = house.config.read_text()
    house.config.write_text(house.good_settings[:70])
    house.daemon.send_signal(signal.SIGHUP)
    house.until(lambda: "The last valid ones stay in force" in house.log_of_row, 20)


def name_what_is_not_there(house: House) -> None:
    house.good_settings = house.config.read_text()
    house.config.write_text(house.good_settings.replace('"alexa"', '"/nowhere/none.tflite"'))
    house.systemd.listening.clear()
    house.daemon.send_signal(signal.SIGHUP)
    house.until(lambda: "Going back to the last valid ones" in house.log_of_row, 60)


def mend_settings(house: House) -> None:
    house.config.write_text(house.good_settings)


FAULTS = [
    Fault("the daemon is killed", kill_daemon, times=20, fast=True),
    Fault("the model's process is killed", kill_model, also=model_answers, times=20),
    Fault("a server of tools is killed at work", kill_server_at_work, also=garden_answers, times=20, fast=True),
    Fault("the sound server is killed", kill_sound_server, start_sound_server, times=20),
    Fault("the daemon is killed, and its tool at work outlives it", outlived_by_a_tool),
    Fault("a server of tools ends at once, another never answers", servers_that_are_none),
    Fault("a server of tools changes its tools", change_tools, offer_again),
    Fault("the disk is full", fill_disk, make_room, lasts=True, also=all_is_kept, fast=True),
    Fault("what it keeps things on is read-only", read_only, writable, lasts=True),
    Fault("the database is damaged while it runs", damage_database, also=salvaged),
    Fault("the model hangs", hang_model, also=model_answers),
    Fault("the model has no memory left", no_memory_for_model, also=model_answers),
    Fault("the microphone is unplugged", unplug_microphone, plug_in(48_000), lasts=True),
    Fault("the microphone comes back at another rate", unplug_microphone, plug_in(44_100)),
    Fault("the speaker is gone in mid-reply", speaker_gone_in_mid_reply, plug_in_speaker),
    Fault("a flood of wake words", wake_words_without_end),
    Fault("clients flood the socket, and send half requests", flood_socket, fast=True),
    Fault("the settings are half-written, and read again", break_settings, mend_settings, lasts=True),
    Fault("the settings name what is not there", name_what_is_not_there, mend_settings, lasts=True),
    Fault("a second daemon is started", second_daemon),
    Fault("everything stands still for five seconds", stop_for(5)),
    Fault("everything stands still for a minute", stop_for(60)),
    Fault("the processor is busy with other things", starved),
]
