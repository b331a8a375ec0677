"""The table of faults."""

from tests.faults import processes as of
from tests.faults import things
from tests.faults.fault import Fault

FAULTS = [
    Fault("the daemon is killed", of.kill_daemon, times=20, fast=True),
    Fault("the model's process is killed", of.kill_model, also=of.model_answers, times=20),
    Fault("a server of tools is killed at work", of.kill_server_at_work, also=of.garden_answers, times=20, fast=True),
    Fault("the sound server is killed", things.kill_sound_server, things.start_sound_server, times=20),
    Fault("the daemon is killed, and what its tool left lives on", of.outlived_by_a_tool),
    Fault("a server of tools ends at once, another never answers", of.servers_that_are_none),
    Fault("a server of tools changes its tools", of.change_tools, of.offer_again),
    Fault("the disk is full", things.fill_disk, things.make_room, lasts=True, also=things.all_is_kept, fast=True),
    Fault("what it keeps things on is read-only", things.read_only, things.writable, lasts=True),
    Fault("the model hangs", of.hang_model, also=of.model_answers),
    Fault("the model has no memory left", of.no_memory_for_model, lasts=True, also=of.model_answers),
    Fault("the model's file is damaged", of.damage_model, of.mend_model, lasts=True, also=of.model_answers),
    Fault("the microphone falls silent", things.silence_microphone, things.wake_microphone, lasts=True),
    Fault("the sound card comes back at another rate", things.kill_sound_server, things.another_rate),
    Fault("the speaker is gone in mid-reply", things.speaker_gone_in_mid_reply, things.wake_speaker),
    Fault("a flood of wake words", things.wake_words_without_end),
    Fault("clients flood the socket, and send half requests", of.flood_socket, fast=True),
    Fault("the settings are half-written, and read again", things.break_settings, things.mend_settings, lasts=True),
    Fault("the settings name what is not there", things.name_what_is_not_there, things.mend_settings, lasts=True),
    Fault("a second daemon is started", of.second_daemon),
    Fault("everything stands still for five seconds", of.stop_for(5)),
    Fault("everything stands still for a minute", of.stop_for(60)),
    Fault("the processor is busy with other things", of.starved),
    *(
        Fault(
            f"the clock is set by {to}",
            things.set_clock(to),
            things.clock_is_right,
            also=things.timers_go_on,
            house="clock",
        )
        for to in ("+1h", "-1h", "+365d", "-365d")
    ),
    Fault(
        "the clock shows 1970, then is right",
        things.set_clock("@1970-01-01 00:05:00"),
        things.clock_is_right,
        also=things.timers_go_on,
        house="clock",
    ),
    Fault(
        "the clocks go forward",
        things.clocks_go_forward,
        things.clock_is_right,
        also=things.timers_go_on,
        house="clock",
    ),
    Fault("the database is damaged while it runs", things.damage_database, also=things.salvaged, house="damaged"),
    Fault("there is no network", things.no_network, also=of.model_answers, house="cut off"),
    Fault(
        "the name of the model elsewhere is not resolved",
        things.names_are_not_resolved,
        things.names_are_resolved,
        also=things.model_elsewhere_answers,
        house="elsewhere",
    ),
    *(
        Fault(
            f"the model elsewhere {how}",
            things.answers_badly(how),
            things.answers_well,
            also=things.model_elsewhere_answers,
            house="elsewhere",
        )
        for how in ("hangs", "stalls", "breaks off", "says 500", "sends rubbish", "sends a web page")
    ),
]
