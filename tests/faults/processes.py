"""What may happen to processes: the daemon, its language model, its servers of tools, and its clients."""

import os
import random
import shutil
import socket
import subprocess
import sys
import time

import psutil

from tests.conversations.running import SMALL
from tests.faults.fault import Deed
from tests.faults.house import TOOLS, House, patient

MODEL, GARDEN = "llama_process", "strange_server"


ENDS_SECONDS = 10.0


# Processes


def is_over(process: psutil.Process) -> bool:
    """It has ended, perhaps without anybody having asked how."""
    return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE


def kill_daemon(house: House, *, but: psutil.Process | None = None) -> None:
    """All that it started must end with it, `but` one."""
    children = [one for one in house.daemon.children(recursive=True) if one != but]
    house.daemon.kill()
    house.systemd.process.wait()
    house.systemd.listening.clear()
    house.until(lambda: all(is_over(one) for one in children), ENDS_SECONDS)


def outlived_by_a_tool(house: House) -> None:
    """A server of tools is at work, and hears nothing of the end of its input. What it started before lives on, with
    whatever it inherited, while the daemon is started again."""
    house.answer_from_garden()
    left = psutil.Process(int(house.garden.call("leave")))
    try:
        with house.beside(lambda: house.garden.call("hang")):
            house.until(lambda: house.garden.acts()[0]["progress"] == "begun")
            kill_daemon(house, but=left)
        house.settle()
        assert left.is_running()
    finally:
        left.kill()


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
        house.command,
        env=os.environ | house.card.environment,
        capture_output=True,
        text=True,
        timeout=patient(60),
        check=False,
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
    """It is alive and says nothing: it is ended by the watch over it, within three quarters of a minute."""
    house.child(MODEL).suspend()


def no_memory_for_model(house: House) -> None:
    """The kernel ends it, and again whenever it loads: llama.cpp takes all its memory then."""
    for _ in range(4):
        model = house.child(MODEL)
        model.kill()
        assert psutil.wait_procs([model], timeout=patient(10))[0], "it is still there"


def model_answers(house: House) -> None:
    """Within the time that its restart may take."""
    house.until(house.thinks, 240)


def damage_model(house: House) -> None:
    """Some of its file is rubbish at the next start: it is named, and all that needs no language model works."""
    folder = house.models / SMALL
    whole = folder.resolve()
    folder.unlink()
    shutil.copytree(whole, folder, copy_function=shutil.copy)
    with max(folder.iterdir(), key=lambda file: file.stat().st_size).open("r+b") as file:
        file.seek(1_000_000)
        file.write(random.Random(1).randbytes(10_000))
    kill_daemon(house)
    house.settle()
    assert f"voiceos models pull {SMALL}" in house.log_of_row
    assert house.ask("Tell me a joke about the number five.") is None, "it needs the language model"


def mend_model(house: House) -> None:
    """As `voiceos models pull` does; nobody starts anything again."""
    folder = house.models / SMALL
    shutil.rmtree(folder)
    folder.symlink_to(house.shelf / SMALL)


# Servers of tools


def kill_server_at_work(house: House) -> None:
    house.answer_from_garden()
    with house.beside(lambda: house.garden.call("hang")) as told:
        house.until(lambda: house.garden.acts()[0]["progress"] == "begun")
        house.child(GARDEN).kill()
    assert "did not answer" in told[0], told
    assert house.garden.acts()[0]["progress"] == "doubted", "nobody can know whether it was done"


def change_tools(house: House) -> None:
    """What was allowed takes other arguments now, so it is asked about again."""
    house.answer_from_garden()
    house.garden.offer(*TOOLS, schema={"type": "object", "properties": {"to": {"type": "string"}}})
    house.child(GARDEN).kill()
    house.until(lambda: "not allowed" in house.garden.call("echo"), 20)


def offer_again(house: House) -> None:
    house.garden.offer(*TOOLS)


def servers_that_are_none(house: House) -> None:
    """One ends at once, one never answers; the tools of the third work."""
    for name, why in (("quits", "has ended"), ("mute", "did not start within 2 seconds")):
        house.until(lambda: why in house.garden.look(name), 60)  # noqa: B023 - called at once
    house.answer_from_garden()


def garden_answers(house: House) -> None:
    house.answer_from_garden()


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
    house.promises.make()
    for line in held:
        line.close()
