"""What may happen to things: the sound card, the disk and what is on it, the clock, and a language model elsewhere."""

import contextlib
import re
import signal
import socket
import time
from datetime import datetime
from zoneinfo import ZoneInfo

from tests.faults.fault import Deed
from tests.faults.house import House, patient
from voiceos.errors import StoreError

ZONE = "Europe/Berlin"
"""Where the house is whose clock can be set."""

# Sound


def kill_sound_server(house: House) -> None:
    house.card.kill()


def start_sound_server(house: House) -> None:
    house.card.start()
    house.hears_again()


def another_rate(house: House) -> None:
    """All of it is plugged in elsewhere."""
    house.card.rate = 44_100
    start_sound_server(house)


def silence_microphone(house: House) -> None:
    """It is there, and nothing comes of it any more. Streams of one that is removed would be moved to another."""
    house.suspend("source", "vos_mic", True)
    house.until(lambda: "went silent" in house.log_of_row, 30)


def wake_microphone(house: House) -> None:
    house.suspend("source", "vos_mic", False)
    house.hears_again()


def speaker_gone_in_mid_reply(house: House) -> None:
    try:
        house.until(lambda: house.state() == "speaking", 12)
    except AssertionError:  # a busy machine's virtual card may lose sound, so it is said again
        with house.speaking():
            house.until(lambda: house.state() == "speaking", 30)
    house.suspend("sink", "vos_spk", True)
    house.until(lambda: house.state() != "speaking", 30)


def wake_speaker(house: House) -> None:
    house.suspend("sink", "vos_spk", False)


def wake_words_without_end(house: House) -> None:
    for _ in range(2):
        house.card.say(house.recorded("flood", *["alexa_1", "alexa_2", "alexa_3"] * 3))


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
    """Every page of the last two thirds becomes rubbish, while the file is open."""
    house.client.call("turns.erase", turn="last")  # carries the log into the file: pages would be read from that
    store = house.folder / "disk" / "state" / "memory.db"
    pages = (house.disk.seen / "state" / "memory.db").stat().st_size // 4096
    house.disk.run(
        *("dd", "if=/dev/urandom", f"of={store}", "bs=4096", "conv=notrunc"),
        *(f"seek={pages // 3}", f"count={pages - pages // 3}", "status=none"),
    )
    house.promises.make()
    with contextlib.suppress(StoreError):  # all of it is in the daemon's own cache; this opens the file anew
        list(house.client.stream("memory.reindex", resume=True))
    house.promises.made.clear()  # what the rubbish took is gone; what is acknowledged from now on must be there
    house.promises.make()


def salvaged(house: House) -> None:
    """What is missing is told: to the owner by voice, and of the receipts whenever they are verified."""
    house.until(lambda: "could be salvaged" in house.log_of_row and "something may be missing" in house.log_of_row, 180)
    house.until(lambda: house.state() in ("asleep", "listening"), 180)
    missing = house.client.call("acts.verify")["wrong"]
    assert all(one.endswith("of the chain is missing.") for one in missing), missing
    house.known = missing


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


# The clock


def set_clock(to: str) -> Deed:
    """As libfaketime takes it: "+1h", or "@1970-01-01 00:05:00"."""

    def set_(house: House) -> None:
        assert house.ask("set a timer for four seconds called egg")
        (house.folder / "clock").write_text(to)
        house.until(lambda: house.state() == "ringing", 20)
        house.client.call("silence")
        house.promises.make()

    return set_


def clocks_go_forward(house: House) -> None:
    """Ten seconds before two, after which it is three: an alarm for three rings then."""
    before = datetime(2027, 3, 28, 1, 59, 50, tzinfo=ZoneInfo(ZONE))
    (house.folder / "clock").write_text(f"{before.timestamp() - time.time():+.0f}")
    assert house.ask("set an alarm for 3 am")
    house.until(lambda: house.state() == "ringing", 40)
    house.client.call("silence")
    house.promises.make()


def clock_is_right(house: House) -> None:
    (house.folder / "clock").write_text("+0")


def timers_go_on(house: House) -> None:
    """Whatever the clock showed, a timer of five hours has nearly all of them left."""
    for one in house.promises.made:
        if one.kind == "timer":
            left = house.ask(f"how much time is left on the {one.name} timer?", keep=False) or ""
            assert re.match("5 hours|4 hours and 5|4 hours, 5", left), left


# The language model elsewhere


def answers_badly(how: str) -> Deed:
    def badly(house: House) -> None:
        assert house.elsewhere
        house.elsewhere.does = how
        turn = house.turn("Tell me about the moon.")
        assert turn["outcome"] == "failed", turn
        assert turn["error"], turn
        assert turn["reply"], "it says so"

    return badly


def answers_well(house: House) -> None:
    assert house.elsewhere
    house.elsewhere.does = "well"


def model_elsewhere_answers(house: House) -> None:
    house.until(lambda: "moon" in house.turn("Tell me about the moon.")["reply"], 60)


LOOKUP_SECONDS = 100.0
"""The resolver gives up after 150."""


def names_are_not_resolved(house: House) -> None:
    """It is named by a name now, and who should know that name says nothing."""
    assert house.elsewhere
    house.good_settings = house.config.read_text()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as mute:
        mute.bind(("127.9.9.9", 53))
        resolver = house.folder / "resolv.conf"
        resolver.write_text("nameserver 127.9.9.9\noptions timeout:30 attempts:5\n")
        house.disk.run("mount", "--bind", str(resolver), "/etc/resolv.conf")
        house.config.write_text(house.good_settings.replace("http://127.0.0.1", "http://model.example.com"))
        reload(house)
        began = time.monotonic()
        turn = house.turn("Tell me about the moon.")
        assert (turn["outcome"], bool(turn["error"])) == ("failed", True), turn
        assert time.monotonic() - began < min(LOOKUP_SECONDS, patient(20))
        house.promises.make()
        house.systemd.restart()  # though nobody has answered yet
        house.settle()
        house.promises.make()
    house.disk.run("umount", "/etc/resolv.conf")


def no_network(house: House) -> None:
    """What needs one says so, and plays nothing."""
    turn = house.turn("play the test station")
    assert (turn["outcome"], bool(turn["error"])) == ("failed", True), turn
    house.promises.make()


def reload(house: House) -> None:
    house.systemd.listening.clear()
    house.daemon.send_signal(signal.SIGHUP)
    house.settle()


def names_are_resolved(house: House) -> None:
    mend_settings(house)
    reload(house)
