"""What is said of several timers, alarms and reminders, or of a change of one: it is done to those that are meant."""

import pytest

from tests.skills.conftest import MODEL, Talk

pytestmark = pytest.mark.anyio
THREE = "set a timer for 5 minutes|set a timer for 15 minutes|set a timer for 25 minutes"
EIGHT = "set an alarm for 8 am tomorrow"
UNSURE = (
    "I can't tell which to keep, so I've cancelled nothing. You have these: "
    "timer for 5 minutes, timer for 15 minutes and timer for 25 minutes."
)
BOB = "remind me to call Bob"
PILLS_AND_BANK = "remind me to take the pills tomorrow at 8|remind me to go to the bank tomorrow at 9"
DAILY = "wake me at 6 am every day"
NOT_TOMORROW = "Okay, not tomorrow at 6:00 AM. Your alarm for 6:00 AM comes again on Tuesday at 6:00 AM."
TWO = "set an alarm for 7 pm today|set an alarm for 8 am tomorrow"


@pytest.mark.parametrize(
    ("said", "reply"),
    [
        # All but one
        (f"{TWO}|Delete all alarms except the 8 o'clock one.", "I've cancelled your alarm for 7:00 PM."),
        (f"{TWO}|cancel all my alarms but the first one", "I've cancelled your alarm for 8:00 AM."),
        (
            f"{THREE}|set an alarm for 8 pm|How many timers do I have?|Cancel all of them except the 15 minute one.",
            "I've cancelled 2: timer for 5 minutes and timer for 25 minutes.",
        ),
        (
            f"{TWO}|{THREE}|cancel everything apart from the 15 minute timer",
            "I've cancelled 2: timer for 5 minutes and timer for 25 minutes.",
        ),
        (f"{THREE}|cancel all timers except the 50 minute one", UNSURE),
        (
            "set an egg timer for 4 minutes|cancel all timers except the egg timer",
            "There are no others, so I've cancelled nothing.",
        ),
        (
            f"{BOB} at 6|remind me to buy milk at 7|delete all reminders except the one about milk",
            "I've cancelled your reminder: call Bob.",
        ),
        (f"{BOB} at 6|remind me to buy milk at 7|add eggs to my list|remove everything except the milk", MODEL),
        (f"{THREE}|cancel all timers but the first two", UNSURE),
        (f"{THREE}|stop all timers except the 5 and 15 minute ones", UNSURE),
        (
            f"{THREE}|cancel all timers but the 5 minute one and the last one",
            "I've cancelled your timer for 15 minutes.",
        ),
        # Only the next time of what comes again
        (f"{DAILY}|Skip tomorrow's alarm.", NOT_TOMORROW),
        (f"{DAILY}|don't wake me tomorrow", NOT_TOMORROW),
        (
            f"{DAILY}|cancel tomorrow's alarm|what alarms do I have?",
            "Your alarm will ring every day at 6:00 AM, but the next time is on Tuesday at 6:00 AM.",
        ),
        (
            f"{DAILY}|cancel tomorrow's alarm|cancel tomorrow's alarm|cancel my alarm",
            "I've cancelled your alarm for 6:00 AM.",
        ),
        (f"{DAILY}|cancel my six o'clock alarm", "I've cancelled your alarm for 6:00 AM."),
        (
            f"{DAILY}|set an alarm for 9 tomorrow|cancel all alarms tomorrow",
            f"I've cancelled your alarm for 9:00 AM. {NOT_TOMORROW}",
        ),
        (f"{DAILY}|skip the next alarm|undo|skip the next alarm", NOT_TOMORROW),
        ("wake me at six every Monday|cancel my Monday alarm", "I've cancelled your alarm for 6:00 AM."),
        # Some, and not others
        (
            f"{PILLS_AND_BANK}|set an alarm for 7|cancel my reminders and keep the alarm",
            "I've cancelled 2: reminder: take the pills and reminder: go to the bank.",
        ),
        (
            f"{PILLS_AND_BANK}|{TWO}|cancel the pills reminder, not the bank one",
            "I've cancelled your reminder: take the pills.",
        ),
        (
            f"{PILLS_AND_BANK}|cancel my reminders but keep the bank one",
            "I've cancelled your reminder: take the pills.",
        ),
        (
            f"{PILLS_AND_BANK}|cancel my reminders but keep the dentist one",
            "I can't tell which to keep, so I've cancelled nothing. You have these: "
            "reminder: take the pills and reminder: go to the bank.",
        ),
        (f"{TWO}|cancel the alarm for 7 and keep the one for 8", "I've cancelled your alarm for 7:00 PM."),
        (
            f"{TWO}|set a timer for 5 minutes|cancel the alarm, not the timer",
            "I can't tell which to keep, so I've cancelled nothing. You have these: "
            "alarm for 7:00 PM and alarm for 8:00 AM.",
        ),
        (
            f"{EIGHT}|set a timer for 5 minutes|cancel the alarms and leave the timer",
            "I've cancelled your alarm for 8:00 AM.",
        ),
        (
            f"{EIGHT}|{BOB} at 6|set a timer for 5 minutes|cancel everything but keep the alarm",
            "I've cancelled 2: timer for 5 minutes and reminder: call Bob.",
        ),
        # Two at once
        (
            "set two alarms for tomorrow, one for 7 and one for 8",
            "Okay. Your alarms will ring tomorrow at 7:00 AM and tomorrow at 8:00 AM.",
        ),
        (
            "set two alarms, one for 7 and one for 8 tomorrow",
            "Okay. Your alarms will ring tomorrow at 7:00 AM and tomorrow at 8:00 AM.",
        ),
        (
            "Set an alarm for 7 tomorrow and another one for 8.",
            "Okay. Your alarms will ring tomorrow at 7:00 AM and tomorrow at 8:00 AM.",
        ),
        (
            "Set an alarm for 7 and an alarm for 8 tomorrow.",
            "Okay. Your alarms will ring tomorrow at 7:00 AM and tomorrow at 8:00 AM.",
        ),
        (
            "Set an alarm for 7:15 and 8 on Friday.",
            "Okay. Your alarms will ring on Friday at 7:15 AM and on Friday at 8:00 AM.",
        ),
        (
            "Set an alarm for 7 pm today and 8 tomorrow.",
            "Okay. Your alarms will ring today at 7:00 PM and tomorrow at 8:00 AM.",
        ),
        (
            "Set an alarm for 7 tomorrow and an alarm for 8 on Friday.",
            "Okay. Your alarm will ring tomorrow at 7:00 AM. Okay. Your alarm will ring on Friday at 8:00 AM.",
        ),
        (
            "set an alarm for 7 pm and 8 am tomorrow",
            "Okay. Your alarms will ring today at 7:00 PM and tomorrow at 8:00 AM.",
        ),
        (
            "set an alarm for 7 pm and an alarm for 8 pm",
            "Okay. Your alarms will ring today at 7:00 PM and today at 8:00 PM.",
        ),
        (
            "set an alarm every weekday at 7 and another for 8",
            "Okay. Your alarms will ring every weekday at 7:00 AM and every weekday at 8:00 AM.",
        ),
        ("Set a timer for 2 minutes and another for 4.", "Timers set for 2 minutes and 4 minutes."),
        ("set a timer for 10 minutes and another one for 40 seconds", "Timers set for 10 minutes and 40 seconds."),
        # Another day
        (f"{BOB} on Thursday at noon|Make it Friday instead.", "Moved. Your reminder is now on Friday at 12:00 PM."),
        (f"{BOB} on Thursday at noon|move it to Friday", "Moved. Your reminder is now on Friday at 12:00 PM."),
        (f"{BOB} on Thursday at noon|make it Friday morning", "Moved. Your reminder is now on Friday at 9:00 AM."),
        (f"{BOB} on Thursday at noon|make it today at 8 am", "That time has passed. When shall I remind you?"),
        ("set an alarm for 7 am every weekday|make it Friday", "To what time?"),
        # By so much
        (f"{EIGHT}|Move it half an hour earlier.", "Moved. Your alarm is now tomorrow at 7:30 AM."),
        (f"{EIGHT}|push it back half an hour", "Moved. Your alarm is now tomorrow at 8:30 AM."),
        (
            "wake me at 6 every day|move tomorrow's alarm to 7|when is my next alarm|what alarms do I have for tuesday",
            "Your alarm will ring every day at 6:00 AM, but the next time is on Tuesday at 6:00 AM.",
        ),
        (
            "wake me at 6 every day|I don't want to get up at six tomorrow, make it 7|undo that|what alarms do I have",
            "Your alarm will ring every day at 6:00 AM.",
        ),
        (
            "wake me at 6 every day|don't wake me at six tomorrow",
            "Okay, not tomorrow at 6:00 AM. Your alarm for 6:00 AM comes again on Tuesday at 6:00 AM.",
        ),
        ("wake me at 6 every monday|move my monday alarm to 7", "Moved. Your alarm is now every Monday at 7:00 AM."),
        (f"{EIGHT}|move my 8 am alarm an hour later", "Moved. Your alarm is now tomorrow at 9:00 AM."),
        (f"{EIGHT}|bring it forward by 20 minutes", "Moved. Your alarm is now tomorrow at 7:40 AM."),
        # What cannot be paused
        (
            f"{BOB} at 6|set timers for 5, 10 and 15 minutes|Pause it.",
            "Which one? You have these: timer for 5 minutes, timer for 10 minutes and timer for 15 minutes.",
        ),
        (f"{BOB} at 6|Pause it.", MODEL),
    ],
)
async def test_it_is_done_to_what_is_meant(talk: Talk, said: str, reply: str) -> None:
    assert [await talk(text) for text in said.split("|")][-1] == reply
