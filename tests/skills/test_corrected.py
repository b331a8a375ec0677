"""What is corrected, in one breath or in the next turn: the thing that is meant changes, and nothing else."""

from datetime import timedelta

import pytest

from tests.skills.conftest import MODEL, Talk

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    ("talk_of", "last"),
    [
        (["remind me to call Ann tomorrow at nine no ten"], "Okay, tomorrow at 10:00 AM: call Ann."),
        (["remind me to call Ann at nine tomorrow, no, thursday"], "Okay, on Thursday at 9:00 AM: call Ann."),
        (["remind me to run every thursday at 8pm no 9pm"], "Okay, every Thursday at 9:00 PM: run."),
        (["remind me to run in ten minutes no twenty"], "Okay, today at 12:20 PM: run."),
        (["wake me at quarter to seven", "no wait, half six"], "Moved. Your alarm is now tomorrow at 6:30 AM."),
        (
            ["wake me at seven tomorrow", "I don't want to get up at seven, make it half past"],
            "Moved. Your alarm is now tomorrow at 7:30 AM.",
        ),
        (
            ["wake me at seven tomorrow", "wake me at nine on friday", "Don't wake me at seven, wake me at six"],
            "Moved. Your alarm is now tomorrow at 6:00 AM.",
        ),
        (
            ["wake me at seven tomorrow", "make it half past, not seven"],
            "Moved. Your alarm is now tomorrow at 7:30 AM.",
        ),
        (["wake me at seven tomorrow", "I don't want to get up at nine, make it ten"], MODEL),
        (["wake me at seven tomorrow", "do it at eight instead"], "Moved. Your alarm is now tomorrow at 8:00 AM."),
        (["set a timer for ten minutes", "nah make it 15"], "Your timer for 10 minutes now has 15 minutes left."),
        (["wake me at seven", "set an egg timer for 9 minutes", "no, eight"], "Your egg timer now has 8 minutes left."),
        (["set a timer for ten minutes", "what time is it", "no, eight"], MODEL),
        (
            ["wake me at 7", "put a lunch in my calendar friday at 1", "make it two"],
            "Lunch is now on Friday at 2:00 PM, not on Friday at 1:00 PM.",
        ),
        (["wake me at 7", "make it 7 stars"], MODEL),
        (["remind me to call Ines tomorrow at nine", "Not Ines, Irina."], "Okay, tomorrow at 9:00 AM: call Irina."),
        (["remind me to call Ines tomorrow at nine", "No, Irina, not Ines"], "Okay, tomorrow at 9:00 AM: call Irina."),
        (
            ["remind me to ring Casimir", "not Casimir, Ysolde", "tomorrow at nine"],
            "Okay, tomorrow at 9:00 AM: ring Ysolde.",
        ),
        (["remind me to ring Casimir", "no, Ysolde"], "When shall I remind you?"),
        (["remind me to ring Casimir", "no"], "All right."),
        (["remind me to ring Casimir", "move it to seven"], "Okay, today at 7:00 PM: ring Casimir."),
        (["remind me to ring Casimir", "make it seven"], "Okay, today at 7:00 PM: ring Casimir."),
        (["move it to seven"], MODEL),
        (["move the volume to seven"], "The volume is at 70 percent."),
        (["remind me to call Ines tomorrow at nine", "not now, later"], MODEL),
        (["remind me at nine tonight to ring Irena", "no, Irina"], "Okay, today at 9:00 PM: ring Irina."),
        (["remind me to ring Irena tomorrow at nine", "Irina, I mean"], "Okay, tomorrow at 9:00 AM: ring Irina."),
        (
            ["remind me to ring Casimir tomorrow at nine", "no, Ysolde", "no, Aunt Ysolde"],
            "Okay, tomorrow at 9:00 AM: ring Aunt Ysolde.",
        ),
        (
            ["remind me to ring Casimir tomorrow at nine", "no, Ysolde", "undo that"],
            "I've set your reminder: ring Casimir again.",
        ),
        (
            ["remind me to ring Casimir tomorrow at nine", "no, ten", "not Casimir Ysolde"],
            "Okay, tomorrow at 10:00 AM: ring Ysolde.",
        ),
        (
            ["remind me to ring Casimir tomorrow at nine", "no, to feed the cat"],
            "Okay, tomorrow at 9:00 AM: feed the cat.",
        ),
        (
            ["remind me to ring Casimir tomorrow at nine", "no, ring Ysolde Smith"],
            "Okay, tomorrow at 9:00 AM: ring Ysolde Smith.",
        ),
        (
            ["remind me to take the pills tomorrow at nine", "no, the blue pills"],
            "Okay, tomorrow at 9:00 AM: take the blue pills.",
        ),
        (["remind me to take the pills tomorrow at nine", "no, my wife takes the pills"], MODEL),
        (["remind me to ring Casimir tomorrow at nine", "no, milk"], MODEL),
        (["remind me to ring Casimir tomorrow at nine", "no, that's fine"], MODEL),
        (["remind me to ring Casimir tomorrow at nine", "no, thank you"], "All right."),
        (["remind me to ring Casimir tomorrow at nine", "what time is it", "no, Ysolde"], MODEL),
        (["set a timer for 20 minutes", "no, 25"], "Your timer for 20 minutes now has 25 minutes left."),
        (["set an egg timer for 20 minutes", "sorry, twenty-five"], "Your egg timer now has 25 minutes left."),
        (["set a timer for 20 seconds", "no, 25"], "Your timer for 20 seconds now has 25 seconds left."),
        (["set an alarm for 6:30 on Thursday", "no, 25"], MODEL),
        (["set an alarm for 6:30 on Thursday", "an hour earlier"], "Moved. Your alarm is now on Thursday at 5:30 AM."),
        (
            ["set an alarm for 6:30 on Thursday", "when is my alarm", "no, half an hour later"],
            "Moved. Your alarm is now on Thursday at 7:00 AM.",
        ),
        (
            ["set a timer for 20 minutes", "an alarm for 6:30 on Thursday", "an hour earlier"],
            "Moved. Your alarm is now on Thursday at 5:30 AM.",
        ),
        (["set a timer for 20 minutes", "five minutes shorter"], "Your timer for 20 minutes now has 15 minutes left."),
        (["set an alarm for 6:30 on Thursday", "what time is it", "an hour earlier"], MODEL),
        (["remind me to call Ines tomorrow at nine", "what time is it", "not Ines, Irina"], MODEL),
        (
            ["wake me at 7 on saturday", "wake me at 8 today", "make the saturday one friday"],
            "Moved. Your alarm is now on Friday at 7:00 AM.",
        ),
        (
            ["wake me at 7 on saturday", "wake me at 8 today", "move the saturday one to ten"],
            "Moved. Your alarm is now on Saturday at 10:00 AM.",
        ),
        (
            [
                "put a lunch in my calendar friday at 1",
                "wake me at 7",
                "what's on friday",
                "move it half an hour earlier",
            ],
            "Lunch is now on Friday at 12:30 PM, not on Friday at 1:00 PM.",
        ),
        (["wake me at seven tonight", "not seven, eight"], "Okay. Your alarm will ring today at 8:00 PM."),
        (["set an egg timer for 5 minutes", "sorry, I meant six minutes"], "Egg timer set for 6 minutes."),
        (
            ["put the dentist in my calendar for Friday at nine", "not at nine, at ten"],
            "In your calendar: Dentist, on Friday at 10:00 AM.",
        ),
        (
            ["put lunch with Amir in my calendar on Thursday at one", "not Amir, Anna", "what's on my calendar"],
            "On Thursday at 1:00 PM: Lunch with Anna.",
        ),
        (["volume 30", "no, forty"], "The volume is at 40 percent."),
        (["volume 30", "what time is it", "no, forty"], MODEL),
        (["volume 3, no, 6"], "The volume is at 60 percent."),
        (["set an alarm for seven on Monday. No, Thursday."], "Okay. Your alarm will ring on Thursday at 7:00 AM."),
        (["set an alarm at nine, no, Thursday"], "Okay. Your alarm will ring on Thursday at 9:00 AM."),
        (
            ["set an alarm for 7 and remind me at eight to call Ann. No, at nine."],
            "Okay. Your alarm will ring today at 7:00 PM. Okay, today at 9:00 PM: call Ann.",
        ),
        (["set an alarm for 7 tomorrow", "and on Friday 2."], "Okay. Your alarm will ring on Friday at 7:00 AM."),
        (["set an alarm for 7 tomorrow", "Thursday as well"], "Okay. Your alarm will ring on Thursday at 7:00 AM."),
        (["remind me tomorrow at 9 to call Ann", "and on Friday too"], "Okay, on Friday at 9:00 AM: call Ann."),
        (["set a timer for five minutes", "and on Friday too"], MODEL),
        (["set an alarm for 7", "cancel my alarm", "No, don't cancel it."], "I've set your alarm for 7:00 PM again."),
        (["set an alarm for 7", "don't cancel it"], "All right."),
        (["set a timer for ten minutes. Make it twelve. No, fifteen."], "Timer set for 15 minutes."),
        (["what time is it? What's 34 times 2?"], "It's 12:00 PM. 34 times 2 is 68."),
        (["set an alarm at 7. No, half pass 8."], "Okay. Your alarm will ring today at 8:30 PM."),
        (["set an alarm at 7. No, quarter pass seven."], "Okay. Your alarm will ring today at 7:15 PM."),
        (["set an alarm at 7. No, half glass 7."], "For what time?"),
        (["set an alarm at 7. No, half glass 7.", "half past 7"], "Okay. Your alarm will ring today at 7:30 PM."),
        (["set a timer for ten minutes. No, glory."], "For how long?"),
        (["set a timer for ten minutes. No, glory.", "twelve"], "Timer set for 12 minutes."),
        (
            ["what time is it? Remind me at six. No. At half past six. To call Anna."],
            "It's 12:00 PM. Okay, today at 6:30 PM: call Anna.",
        ),
        (["remind me at four to pick up Sam, sorry, Ben"], "Okay, today at 4:00 PM: pick up Ben."),
        (
            ["add 6 eggs to the shopping list", "not six, ten", "read my list"],
            "You have one thing on your shopping list: 10 eggs.",
        ),
        (
            ["wake me at 7 tonight and add milk to the list", "not 7, 8", "read my list"],
            "You have one thing on your shopping list: milk.",
        ),
        (["I'm out of coffee", "not coffee, tea"], "Should I add tea to your shopping list?"),
        (["wake me at 9 tonight", "volume 40", "move it to seven"], "The volume is at 70 percent."),
        (["wake me at 7 tonight", "set it to eight"], "Moved. Your alarm is now today at 8:00 PM."),
        (["set it to eight"], MODEL),
        (["we need eggs, no, flour"], "Should I add flour to your shopping list?"),
        (["I need milk, no eggs", "yes"], "I've started your shopping list with eggs."),
        (
            ["add call the bank to my to-do list", "not the bank, the dentist"],
            "Corrected: call the dentist on your to-do list.",
        ),
        (["wake me at 7 tonight", "that's too early, make it 8"], "Moved. Your alarm is now today at 8:00 PM."),
        (["wake me at 7 tonight", "can we do eight fifteen instead"], "Moved. Your alarm is now today at 8:15 PM."),
        (
            ["wake me every day at seven", "skip the alarm on Thursday", "what alarms do I have"],
            "Your alarm will ring every day at 7:00 AM, but not on Thursday at 7:00 AM.",
        ),
        (
            ["wake me every weekday at seven", "no alarm on the 14th", "undo that", "what alarms do I have"],
            "Your alarm will ring every weekday at 7:00 AM.",
        ),
        (
            ["wake me every weekday at seven", "move the alarm on Friday to eight", "what alarms do I have"],
            "You have 2 alarms, every weekday at 7:00 AM, but not on Friday at 7:00 AM and on Friday at 8:00 AM.",
        ),
        (
            ["wake me every day at seven", "not on Saturday, please"],
            "Okay, not on Saturday at 7:00 AM. Your alarm for 7:00 AM comes again tomorrow at 7:00 AM.",
        ),
        (
            ["wake me every weekday at seven", "make the alarm for Thursday half an hour later"],
            "Moved, only this once. Your alarm is now on Thursday at 7:30 AM.",
        ),
        (
            ["wake me every weekday at seven", "no alarm next week"],
            "Okay, not the 5 times beginning tomorrow at 7:00 AM. "
            "Your alarm for 7:00 AM comes again on Monday, 7 December at 7:00 AM.",
        ),
        (["make it louder", "what did you just do"], "The last thing was at 12:00 PM: The volume is at 66 percent."),
    ],
)
async def test_a_correction_keeps_what_was_right(talk: Talk, talk_of: list[str], last: str) -> None:
    *_, said = [await talk(words) for words in talk_of]
    assert said == last


async def test_an_order_is_no_answer(talk: Talk) -> None:
    """Somebody was asked when, and wanted something else."""
    await talk("remind me")
    assert await talk("delete the reminder about mum") == "You have no reminders."
    await talk("remind me to check the boiler")
    assert await talk("set an alarm for nine tomorrow") == "Okay. Your alarm will ring tomorrow at 9:00 AM."
    assert await talk("what reminders do I have") == "You have no reminders."


async def test_timers_of_one_length_are_told_apart_by_when_they_end(talk: Talk) -> None:
    for _ in range(3):
        await talk("set a timer for ten minutes")
        talk.clock[0] += timedelta(seconds=60)
    await talk("what timers do i have")
    asked = await talk("cancel the timer")
    assert asked.endswith("10 minutes with 8 minutes to go and timer for 10 minutes with 9 minutes to go.")
    assert await talk("the one with eight minutes to go") == "I've cancelled your timer for 10 minutes."
    assert (await talk("how long is left")).startswith("You have 2 timers. 7 minutes left")
    assert "9 minutes left" in await talk("how long is left")


async def test_it_is_none_of_several_that_were_told(talk: Talk) -> None:
    for words in ("set an egg timer for ten minutes", "wake me at six", "wake me at seven", "what alarms do I have"):
        await talk(words)
    assert (await talk("nvm cancel that")).startswith("Which one?")


async def test_noon_is_not_midnight(talk: Talk) -> None:
    await talk("set an alarm for noon and another for midnight")
    assert await talk("delete the noon alarm") == "I've cancelled your alarm for 12:00 PM."


async def test_a_list_of_no_name_is_not_named_after_its_verb(talk: Talk) -> None:
    assert await talk("read out my list") == "There's nothing on your shopping list."


async def test_a_story_of_orders_is_no_order(talk: Talk) -> None:
    assert await talk("set a timer for five minutes and " * 400) == MODEL
