"""What follows a sum, a unit or a timer, and everyday questions about numbers and dates."""

import re
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from tests.skills.conftest import MODEL, Talk

pytestmark = pytest.mark.anyio
LONDON = ZoneInfo("Europe/London")


@pytest.mark.parametrize(
    ("turns", "said"),
    [
        (["what's 12 times 14", "and times ten"], r"1680\."),
        (["what's 12 times 14", "half of that"], r"84\."),
        (["what's 6 plus 7", "and 2 more"], r"15\."),
        (["what's 6 times 6", "minus 6"], r"30\."),
        (["what's 6 times 6", "divide that by 4"], r"9\."),
        (["what's 6 plus 6", "squared"], r"144\."),
        (["what's 20 percent off 45 pounds", "plus tax at 20 percent"], r"£43\.20\."),
        (["what's 3 times 20 pounds", "plus a 10 percent tip"], r"£66\."),
        (["how many cups in a litre", "half of that"], r"About 2\.1134 cups\."),
        (["how many grams in half a pound", "and in ounces"], r"8 ounces\.|7\.9\d+ ounces\."),
        (["how far is 10 miles in km", "and in feet"], r"52800 feet\."),
        (["is 91 divisible by 7"], r"Yes\. 91 is 7 times 13\."),
        (["does 4 go into 30"], r"No\. 30 divided by 4 is 7, with 2 left over\."),
        (["is 97 prime"], r"Yes, 97 is a prime number\."),
        (["is 51 a prime number"], r"No\. 51 is 3 times 17\."),
        (["is 1 a prime number"], r"No, 1 isn't a prime number\."),
        (["what are the factors of 12"], r"The factors of 12 are 1, 2, 3, 4, 6 and 12\."),
        (["cube root of 27"], r"3\."),
        (["what's the average of 4, 8 and 15"], r"9\."),
        (["add 3, 4 and five"], r"12\."),
        (["split 64 pounds between 5 people"], r"£12\.80\."),
        (["split 90 pounds four ways with a 20 percent tip"], r"£27\."),
        (["what's 2 to the 8"], r"256\."),
        (["what's six foot two in cm"], r"188 centimeters\."),
        (["how many centimetres is 5'4"], r"162\.6 centimeters\."),
        (["what's 2 pounds 4 ounces in grams"], r"1020\.583 grams\."),
        (["how many minutes is 2 hours 15 minutes"], r"135 minutes\."),
        (["how many mils in a teaspoon"], r"4\.929 milliliters\."),
        (["volume 150 percent"], r"I can only go up to 100 percent\."),
        (["set the volume to 0", "unmute"], r"The volume is at 50 percent\."),
        (["roll 2d6"], r"\d and \d\. That's \d+\."),
        (["roll a d20"], r"\d+\."),
        (["roll a d20", "another one"], r"\d+\."),
        (["tell me a joke", "good one, tell me another"], r".*[.!]"),
        (["remind me an hour before", "the dentist"], r"I can't find dentist in your calendar\. .*"),
        (
            ["make a packing list", "put charger, passport and swimming trunks on it"],
            r"I've added charger.*packing list\.",
        ),
        (["put charger, passport and swimming trunks on it"], r"\(the model answers\)"),
        (
            ["add milk and eggs to my list", "take the eggs off, I've got some"],
            r"I've taken eggs off your shopping list\.",
        ),
        (["set an alarm for 7", "no, don't"], r"I've cancelled your alarm for 7:00 PM again\."),
        (["set an alarm for 7", "what's 2 plus 2", "no, don't"], r"Okay\."),
        (["snooze"], r"Nothing is ringing\."),
        (["hi again"], r"H.*[!.]"),
        (["flip a coin three times"], r"(Heads\. |Tails\. ){2}(Heads|Tails)\."),
        (["pick a name from tom, anna and li"], r"(tom|anna|li)\."),
        (["what's the emergency number"], r"It's .*\. I can't call for you\."),
        (["what number do I call for an ambulance"], r"It's .*\. I can't call for you\."),
        (["is 2028 a leap year"], r"Yes, 2028 is a leap year\."),
        (["when's the next leap year"], r"The next leap year is 2028\."),
        (["is 2100 a leap year"], r"No, 2100 isn't a leap year\."),
        (["how long is it from 9:40 to 13:05"], r"3 hours and 25 minutes\."),
        (["how long is it from 10 pm to 6 am"], r"8 hours\."),
        (["If I leave at quarter past eight and it takes 50 minutes, when do I get there?"], r"It's 9:05 [AP]M\."),
        (["what time do we arrive if we set off at 2 pm and it takes an hour and a half"], r"It's 3:30 PM\."),
        (["is the 25th of december 2026 a friday"], r"Yes\. 25 December 2026 is a Friday\."),
        (["was the 3rd of march 2020 a monday"], r"No\. 3 March 2020 was a Tuesday\."),
        (["how many days between the 3rd of march and the 1st of june"], r"90 days\."),
        (["how many months between 1 march and 15 june"], r"3 months and 14 days\."),
        (["how many weeks till christmas"], r"3 weeks and 5 days\. It's on Friday, 25 December 2026\."),
    ],
)
async def test_the_last_is_answered(talk: Talk, turns: list[str], said: str) -> None:
    *first, last = turns
    for text in first:
        await talk(text)
    assert re.fullmatch(said, await talk(last))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("when do the clocks change", "The clocks go forward on Sunday, 28 March 2027."),
        ("when do the clocks go back", "The clocks go back on Sunday, 31 October 2027."),
        ("when does summer time start", "The clocks go forward on Sunday, 28 March 2027."),
    ],
)
async def test_the_clocks_change(talk: Talk, text: str, said: str) -> None:
    talk.clock[0] = datetime(2026, 11, 29, 12, tzinfo=LONDON)
    assert await talk(text) == said


@pytest.mark.parametrize(
    ("turns", "said"),
    [
        (
            ["set a timer for 5 minutes", "set a timer for 20 minutes", "how are my timers", "add 5 minutes"],
            "Which one?",
        ),
        (
            ["set a timer for 5 minutes", "set a timer for 20 minutes", "add 5 minutes"],
            "timer for 20 minutes now has 25",
        ),
        (
            [
                "set a timer for 5 minutes",
                "set a timer for 9 minutes",
                "how are my timers",
                "add a minute",
                "the 9 minute one",
            ],
            "timer for 9 minutes now has 10 minutes left",
        ),
        (["set a timer for 5 minutes", "rice timer 9 minutes", "which one ends first"], "timer for 5 minutes"),
        (
            ["set a timer for 5 minutes", "rice timer 9 minutes", "how much longer for the other one"],
            "timer for 5 minutes",
        ),
        (["set a timer for 5 minutes", "and the chicken for half an hour"], "Chicken timer set for 30 minutes"),
        (["stick the rice on for 12 minutes", "put a timer on for a minute and a half"], "1 minute and 30 seconds"),
        (["set an alarm for seven and another for eight"], "at 7:00 PM and today at 8:00 PM"),
        (["an alarm for 6 and one for 6:30"], "at 6:00 PM and today at 6:30 PM"),
        (["set alarms for six, seven and eight"], "at 6:00 PM, today at 7:00 PM and today at 8:00 PM"),
        (["set alarms for six and seven", "push the seven one back an hour"], "Your alarm is now today at 8:00 PM"),
        (
            ["remind me at seven to call mum", "move my 7 o'clock reminder to 8"],
            "Your reminder is now today at 8:00 PM",
        ),
        (["remind me every 5 seconds to drink water"], "Once a minute is the most"),
        (["set an alarm every 10 seconds"], "Once a minute is the most"),
        (["remind me every 5 seconds to drink water", "every hour"], "every hour"),
        (["remind me on friday at noon to swap shifts", "move that to one o'clock"], "Your reminder is now"),
        (["set a timer for 5 minutes", "call it laundry", "how are my timers"], "left on your laundry timer."),
        (["set a timer for 5 minutes", "pause it", "resume and call it tea"], "Okay. It's your tea timer now."),
        (
            ["rice timer 9 minutes", "tea timer 4 minutes", "rename the rice timer to pasta"],
            "It's your pasta timer now.",
        ),
        (["rice timer 9 minutes", "wake me at seven", "call it work"], "It's your work alarm for 7:00 AM now."),
        (["set two timers for 5 and 10 minutes", 'call the second one "tea"'], "Okay. It's your tea timer now."),
        (["rice timer 9 minutes", "call it a day"], MODEL),
        (["rice timer 9 minutes", "call it tea", "undo that"], "I've set your rice timer again."),
        (["rice timer 9 minutes", "set a timer for 5 minutes", "turn off the rice one"], "cancelled your rice timer"),
        (["tell me when it's 5 o'clock"], "at 5:00 PM"),
    ],
)
async def test_the_right_one_is_meant(talk: Talk, turns: list[str], said: str) -> None:
    *first, last = turns
    for text in first:
        await talk(text)
    assert said in await talk(last)
