"""How facts are put into words: for each predicate, what may follow its subject."""
# ruff: noqa: E501  a table is read by its rows

import re
from dataclasses import dataclass

from voiceos.memory.facts.dates import NUMBER

END = (
    r"(?=$| (?:[,:()?-]|and|but|because|so|when|while|which|who|where|whose|after|although|though|now|any more|any longer"
    r"|at all|after all|if|with|for|as|at|until|since|i|he|she|we|they|by the way|too|please|these days|at the moment|or"
    r"|even|especially|like|thank|nowadays|every|each|that|than|since|anyway|called|named|to)(?: |$))"
)
O = rf"(?P<o>.+?){END}"  # noqa: E741
LIST = r"(?P<o>(?:(?!but |because |so |when |i ).)+?)(?=$| (?:but|because|so|when|while|although|at|with|since|any more|at all|too|he|she|we|i)(?: |$))"
LIKED = (
    r"(?P<o>.+?)(?=$| (?:[,:()?-]|and (?:i|we|he|she|it|they|the|my|our|that)|but|because|so|when|while|which|where|after|although"
    r"|though|now|any more|any longer|at all|since|i|he|she|we|they|by the way|too|please|these days|at the moment|or|even"
    r"|especially|lately|nowadays|than|anyway|as|if|though)(?: |$))"
)
BE = r"(?:am|is|are|'s)"
NO = r"(?P<n>(?:(?:do|does|did|am|is|are|'s|have|has|will) not|no longer|never|have never|has never)(?: any more)? )"
AGE = NUMBER.replace(r"\d{1,3}", r"\d{1,2}")


@dataclass(frozen=True, slots=True)
class Pattern:
    """One way to put a predicate. Its group `o` is the object, `n` a negation."""

    predicate: str
    shape: re.Pattern[str]
    check: str = ""
    """What the object must be: place, name, job, thing, food, …"""
    tense: str = "now"
    """now, past (it is over), event (it has happened, and holds since), future (it holds from a date that is said)."""
    positive: bool = True
    withdraws: bool = False
    several: bool = False
    """The object may be a list."""


def _p(
    predicate: str,
    shape: str,
    check: str = "",
    tense: str = "now",
    *,
    positive: bool = True,
    withdraws: bool = False,
    several: bool = False,
) -> Pattern:
    return Pattern(predicate, re.compile(shape), check, tense, positive, withdraws, several)


PATTERNS = (
    # where one lives
    _p("lives in", rf"(?:live|lives|{BE} living|have lived|has lived|have been living|has been living) in {O}", "place"),
    _p("lives in", rf"{NO}(?:live|living) in {O}", "place"),
    _p("lives in", rf"(?:(?:have|has) )?(?:moved|relocated)(?: back| house| out)? (?:in)?to {O}", "place", "event"),
    _p("lives in", rf"(?:{BE}|will be) (?:moving|relocating)(?: back)? to {O}", "place", "future"),
    _p("lives in", rf"(?:will move|{BE} going to move)(?: back)? to {O}", "place", "future"),
    _p("lives in", rf"did not move to {O}", "place", positive=False, withdraws=True),
    _p("lives in", rf"{BE} not (?:moving|going to move) to {O}", "place", positive=False, withdraws=True),
    _p("lives in", rf"(?:used to live|lived) in {O}", "place", "past"),
    _p("address", r"(?:live|lives) at (?P<o>\d.+?)(?=$| ,? ?(?:now|and|in) )"),
    # work
    _p("works at", rf"(?:work|works|{BE} working|have started working|has started working|started working|have worked|has worked|have been working) (?:at|for) {O}", "firm"),
    _p("works at", rf"(?:will be working|will work|{BE} going to work) (?:at|for) {O}", "firm", "future"),
    _p("works at", rf"(?:{NO})(?:work|working) (?:at|for|in) {O}", "firm"),
    _p("works at", rf"(?:used to work|worked) (?:at|for) {O}", "firm", "past"),
    _p("works at", rf"(?:have|has )?(?:have |got |have got |found |started |have found |have started )(?:a|my) (?:new )?job (?:at|with) {O}", "firm", "event"),
    _p("works at", rf"(?:has |have )?(?:quit|left) (?:my|his|her|our) job (?:at|with) {O}", "firm", positive=False),
    _p("works at", rf"(?:work|works|{BE} working) as (?:an? )?(?:\w+ ){{1,3}}?(?:at|for) {O}", "firm"),
    _p("works as", rf"(?:work|works|{BE} working|have worked|has worked) as (?:an? )?{O}", "work"),
    _p("works as", rf"(?:{BE}|have been|has been|became|have become|has become) (?:an? )?{O}", "job"),
    _p("works as", rf"(?:{NO})(?:an? |work as an? |working as an? ){O}", "job"),
    _p("works as", rf"(?:was|used to be|used to work as|worked as) an? {O}", "job", "past"),
    # school
    _p("attends", rf"(?:start|starts|started|begin|begins|attend|attends|go to|goes to|{BE} starting|{BE} going to|will start|will be starting|have started|has started) {O}", "school"),
    _p("studies", rf"(?:study|studies|{BE} studying|{BE} learning|learn|have started learning|has started learning) {LIST}", "subject", several=True),
    _p("plays", rf"{BE} learning to play (?:the )?{O}", "game"),
    # oneself
    _p("name", rf"{BE} called {O}", "name"),
    _p("age", rf"{BE} (?P<o>{AGE})(?: years old| years of age|$)", "age"),
    _p("age", rf"(?:turn|turns|turned|{BE} turning|will be|will turn) (?P<o>{AGE})(?= |$)", "age"),
    _p("born in", rf"was born in {O}", "place"),
    _p("birthday", r"was born on (?P<o>.+)$", "date"),
    _p("birthday", r"was born (?:in .+? )?in (?P<o>(?:19|20)\d\d)$"),
    _p("from", rf"(?:{BE}|come|comes) from {O}", "place"),
    _p("from", rf"grew up in {O}", "place"),
    _p("speaks", rf"(?:speak|speaks) {LIST}", "language", several=True),
    _p("speaks", rf"{NO}speak {LIST}", "language", several=True),
    _p("is", rf"(?:{BE}|have become|has become|became|have been|has been) (?P<n>not |no longer )?(?:an? )?{O}", "trait"),
    _p("died", r"(?:died|passed away) (?:in |on )?(?P<o>.+)$", "date"),
    # tastes
    _p("likes", rf"(?:do )?(?:like|love|likes|loves|enjoy|enjoys|adore|adores|prefer|prefers) {LIKED}", "taste"),
    _p("likes", rf"{BE} (?:fond of|into|an? (?:big |huge |great )?fan of) {LIKED}", "taste"),
    _p("likes", rf"(?:hate|hates|detest|detests|dislike|dislikes|can not stand|can not bear) {LIKED}", "taste", positive=False),
    _p("likes", rf"{NO}(?:like|liked|love|enjoy|enjoyed|fond of|into|an? (?:big |huge )?fan of) {LIKED}", "taste"),
    _p("eats", rf"{NO}(?:eat|eating) {O}", "food"),
    _p("eats", rf"(?:only eat|only eats|always eat) {O}", "food"),
    _p("eats", rf"(?:have |has )?(?:stopped|quit|gave up|given up) eating {O}", "food", "event", positive=False),
    _p("drinks", rf"{NO}(?:drink|drinking) {O}", "food"),
    _p("drinks", rf"(?:have |has )?(?:stopped|quit|gave up|given up) drinking {O}", "food", "event", positive=False),
    _p("drinks", r"(?:always )?(?:drink|drinks|take|takes|have|has) (?:my|his|her) (?P<o>(?:coffee|tea) .+?)(?=$| [,])"),
    _p("allergic to", rf"(?:{BE}|have been|has been) (?P<n>not |no longer )?(?:badly |terribly |slightly |severely )?allergic to {LIST}", "allergen", several=True),
    _p("allergic to", r"(?:have|has|have got|has got|'s got) an? (?:severe |bad )?(?P<o>\w+(?: \w+)?) allergy", "allergen"),
    # habits
    _p("does", r"(?:have |has )?(?:quit|stopped|gave up|given up) (?P<o>(?:smoking|vaping|running|swimming|gambling|biting \w+ \w+))", tense="event", positive=False),
    _p("does", rf"{NO}(?P<o>smoke)(?= |$)"),
    _p("takes", rf"(?:take|takes|{BE} taking|{BE} on) (?:(?:an?|my|his|her|some|two|one) )?{O}", "medicine"),
    _p("plays", rf"(?:play|plays) (?:the )?{O}", "game"),
    _p("plays", rf"(?:have |has )?(?:stopped|quit|gave up|given up) playing (?:the )?{O}", "game", "event", positive=False),
    _p("plays", rf"{NO}(?:play|played) (?:the )?{O}", "game"),
    _p("does", r"(?:go |goes )?(?P<o>\w+(?: \w+){0,5}? (?:every|each) (?:day|morning|evening|night|week|weekend|month|year|other day|\w+day))(?= |$)", "habit"),
    # things
    _p("has", rf"(?:have got|has got|'s got|have|has|own|owns|(?:have |has )?(?:got|bought|adopted)) (?:(?:an?|some|my first|our first) )?{O}", "thing"),
    _p("has", rf"{BE} (?:getting|buying|adopting) an? {O}", "thing", "future"),
    _p("has", rf"(?:{NO})(?:have|own|got) (?:(?:an?|any) )?{O}", "thing"),
    _p("has", rf"(?:have |has )?sold (?:my|our|the|his|her) {O}", "thing", "event", positive=False),
    # the calendar
    _p("appointment", r"(?:have got|has got|have|has|made|booked) (?:an?|my|our|another) (?P<o>\w+(?: \w+)?)(?: 's)? appointment(?= |$)", "date-near"),
    _p("appointment", r"(?:have got|has got|have|has) (?:an|my) appointment (?:with|at) (?:the |my )?(?P<o>.+?)(?=$| (?:on|at|in|next|this|tomorrow|today) )", "date-near"),
    _p("appointment", r"(?:have got|has got|have|has) (?:an?|my|our) (?P<o>(?:\w+ )?(?:meeting|interview|exam|lesson|class)(?: with .+?)?)(?=$| (?:on|at|in|next|this|tomorrow|today) )", "date-near"),
    _p("appointment", rf"{BE} seeing (?:the |my )?(?P<o>(?:\w+ )?(?:doctor|dentist|vet|lawyer|therapist|physio|specialist|optician))(?= |$)", "date-near"),
    _p("travels to", rf"(?:{BE}|will be) (?:flying|traveling|going|driving|off|heading)(?: back)? to {O}", "trip", "future"),
)  # fmt: skip
