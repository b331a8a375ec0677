"""Sound cards, known by their ALSA names."""

import tomllib
from pathlib import Path

import pytest

from voiceos.audio.boards import at_its_own, boards, cards, choose, known
from voiceos.audio.portaudio import Device

LINES = {
    "hdmi": (" 0 [vc4hdmi0       ]: vc4-hdmi - vc4-hdmi-0", "vc4-hdmi-0"),
    "jack": (" 1 [Headphones     ]: bcm2835_headpho - bcm2835 Headphones", "bcm2835 Headphones"),
    "jabra": (" 2 [USB            ]: USB-Audio - Jabra SPEAK 510 USB", "Jabra SPEAK 510 USB at usb-1.2, full speed"),
    "usb": (" 3 [Device         ]: USB-Audio - USB PnP Sound Device", "C-Media USB PnP Sound Device at usb-1.3"),
    "hat": (" 4 [seeed2micvoicec]: seeed-2mic-voic - seeed-2mic-voicecard", "seeed-2mic-voicecard"),
    "four": (" 5 [seeed4micvoicec]: seeed-4mic-voic - seeed-4mic-voicecard", "seeed-4mic-voicecard"),
    "other": (" 6 [sndrpinew      ]: snd_rpi_new - snd_rpi_new", "snd_rpi_new"),
}


@pytest.mark.parametrize(
    ("here", "microphone", "speaker"),
    [
        ("", None, None),
        ("hdmi jack", None, "headphone jack"),
        ("hdmi jack usb", "USB sound card", "USB sound card"),
        ("hdmi jabra usb", "USB speakerphone", "USB speakerphone"),
        ("hdmi usb hat", "ReSpeaker 2-Mics HAT", "ReSpeaker 2-Mics HAT"),
        ("hdmi jack four", "ReSpeaker 4-Mic Array HAT", "headphone jack"),
        ("hdmi jack other", "unknown sound card", "unknown sound card"),
    ],
)
def test_the_best_card_is_chosen(tmp_path: Path, here: str, microphone: str | None, speaker: str | None) -> None:
    listing = tmp_path / "cards"
    listing.write_text("".join(f"{LINES[one][0]}\n{' ' * 22}{LINES[one][1]}\n" for one in here.split()))
    choice = choose(cards(listing))
    assert (choice.microphone and choice.microphone[1].name) == microphone
    assert (choice.speaker and choice.speaker[1].name) == speaker


def test_what_is_known_of_a_card(tmp_path: Path) -> None:
    listing = tmp_path / "cards"
    listing.write_text("\n".join(LINES[one][0] for one in ("jabra", "hat")))
    jabra, hat = cards(listing)
    assert (jabra.index, jabra.id, jabra.name) == (2, "USB", "Jabra SPEAK 510 USB")
    assert known(jabra).cancels_echo
    assert known(hat).button_pin == 17
    assert known(hat).mixer["Capture"] == "39"
    assert cards(tmp_path / "none") == []
    assert len({one.name for one in boards()}) == len(boards()) > 8


def test_the_settings_take_what_was_chosen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from voiceos.cli.choosing import choose_cards

    listing, settings = tmp_path / "cards", tmp_path / "config.toml"
    settings.write_text("# mine\n")
    for tool in ("amixer", "alsactl"):
        (tmp_path / tool).write_text(f'#!/bin/sh\necho "$*" >>{tmp_path}/levels\n')
        (tmp_path / tool).chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    found = cards
    monkeypatch.setattr("voiceos.cli.choosing.cards", lambda: found(listing))
    choose_cards(settings)
    assert settings.read_text() == "# mine\n"
    listing.write_text("\n".join(LINES[one][0] for one in ("jack", "jabra")))
    choose_cards(settings)
    assert tomllib.loads(settings.read_text())["audio"] == {
        "microphone": "Jabra SPEAK 510 USB",
        "speaker": "Jabra SPEAK 510 USB",
        "echo": "off",
    }
    listing.write_text(LINES["hat"][0])
    choose_cards(settings)
    assert "-q -c 4 sset Capture 39\n" in (tmp_path / "levels").read_text()
    assert tomllib.loads(settings.read_text())["panel"] == {"lights": 3, "button_pin": 17}
    settings.write_text("[panel]\nbutton_pin = 4\n")
    choose_cards(settings)
    assert tomllib.loads(settings.read_text())["panel"] == {"button_pin": 4}, "the owner's"


def test_a_card_is_opened_at_its_own_rate_and_its_clean_channel_taken(tmp_path: Path) -> None:
    listing = tmp_path / "cards"
    array = " 7 [ArrayUAC10     ]: USB-Audio - ReSpeaker 4 Mic Array (UAC1.0)"
    listing.write_text("\n".join((array, LINES["hat"][0], LINES["other"][0])))

    def opened(name: str) -> tuple[int, int | None]:
        device = at_its_own(Device(0, name, "ALSA", microphones=6, speakers=2, rate=44_100), listing)
        return device.rate, device.channel

    assert opened("ReSpeaker 4 Mic Array (UAC1.0): USB Audio (hw:7,0)") == (16_000, 0)
    assert opened("seeed-2mic-voicecard: bcm2835-i2s-wm8960-hifi wm8960-hifi-0 (hw:4,0)") == (48_000, None)
    assert opened("snd_rpi_new: - (hw:6,0)") == (44_100, None)
    assert opened("pulse") == (44_100, None)
