"""What the object of a fact must look like: a place, a name, a job. What looks like none of them is left alone."""

import re
from collections.abc import Callable

from voiceos.memory.facts.dates import DAYS, MONTHS


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


FUNCTION = _set(
    "a an the my our your his her their its this that these those it i you he she we they me us him them here there "
    "where what who which someone somebody anyone everyone nobody something anything everything nothing one none some "
    "any all both each every no not never and or but if so because is are was were am be been being do does did have "
    "has had can could will would shall should may might must of in on at by for with from to into onto over under up "
    "down out off about as than then now just very really too also again still always often usually sometimes more "
    "most much many such little less few lot like well okay yes yeah please thanks thank hello hi hey oh"
)
PLACE_STOP = FUNCTION | _set(
    "bed work school church sleep town home peace fear love hope prison jail hell heaven paradise general fact "
    "public private person bits pieces tears trouble touch order time luck pain reality denial theory style silence"
)
LANGUAGES = _set(
    "english french german spanish italian portuguese dutch swedish norwegian danish finnish polish russian ukrainian "
    "czech slovak hungarian romanian bulgarian greek turkish arabic hebrew persian farsi hindi urdu bengali punjabi "
    "tamil telugu chinese mandarin cantonese japanese korean vietnamese thai malay indonesian swahili twi yoruba igbo "
    "hausa amharic somali zulu afrikaans welsh irish gaelic scottish catalan basque latin esperanto serbian croatian "
    "bosnian albanian lithuanian latvian estonian icelandic maltese tagalog kurdish pashto nepali mongolian american "
    "british australian canadian mexican brazilian argentinian chilean colombian austrian swiss belgian indian "
    "pakistani egyptian moroccan nigerian ghanaian kenyan ethiopian scots"
)
JOBS = _set(
    "accountant actor actress analyst architect artist assistant attorney author baker banker barber barista barrister "
    "bartender biologist blacksmith bookkeeper bricklayer builder butcher captain caretaker carer carpenter cashier "
    "chef chemist clerk coach coder composer conductor consultant contractor cook counsellor counselor courier dancer "
    "decorator dentist designer detective developer dietician director diver doctor driver editor electrician engineer "
    "farmer firefighter fireman fisherman florist gardener geologist glazier grocer hairdresser historian illustrator "
    "inspector instructor interpreter inventor janitor jeweller journalist judge kindergartener lawyer lecturer "
    "librarian lifeguard locksmith lorrydriver machinist magician manager mason mathematician mechanic midwife miller "
    "miner model musician nanny nurse optician painter paralegal paramedic pastor pathologist pharmacist photographer "
    "physicist physiotherapist pianist pilot plasterer plumber poet policeman policewoman politician porter postman "
    "potter priest principal producer professor programmer psychiatrist psychologist publisher radiographer "
    "radiologist receptionist referee reporter researcher roofer sailor salesman saleswoman scientist sculptor "
    "secretary singer soldier solicitor statistician steward stewardess stonemason student surgeon surveyor tailor "
    "teacher technician tester therapist tiler trader trainer translator treasurer trucker tutor typist undertaker vet "
    "veterinarian waiter waitress warden watchmaker weaver webdesigner welder writer zoologist minister butler "
    "apprentice intern freelancer housewife housekeeper cleaner bricklayer stylist beautician playwright novelist "
    "violinist cellist drummer guitarist organist economist botanist astronomer archaeologist cardiologist "
    "anaesthetist paediatrician gynaecologist dermatologist neurologist oncologist linguist monk nun vicar rabbi imam "
    "officer agent guard worker operator planner seller dealer broker keeper controller supervisor coordinator "
    "administrator foreman"
)
TRAITS = _set(
    "vegetarian vegan pescatarian diabetic left-handed right-handed lefthanded coeliac celiac pregnant retired "
    "colourblind colour-blind deaf blind married single divorced widowed engaged separated unemployed self-employed "
    "freelance asthmatic epileptic dyslexic autistic muslim christian catholic protestant jewish hindu buddhist sikh "
    "atheist agnostic teetotal sober lactose-intolerant gluten-free insomniac"
)
TRAIT_PAIRS = frozenset({"left handed", "right handed", "colour blind", "lactose intolerant", "gluten intolerant",
                         "self employed", "hard of hearing", "short sighted", "gluten free", "night owl"})  # fmt: skip
PEOPLE = _set("kids children sons daughters brothers sisters siblings grandchildren grandkids twins nephews nieces kid "
              "child son daughter brother sister")  # fmt: skip
THINGS = PEOPLE | _set(
    "cat cats dog dogs puppy kitten horse horses hamster rabbit rabbits parrot tortoise pony goat goats sheep cow cows "
    "chickens hens ducks bees fish goldfish aquarium snake lizard guinea pig pigs donkey bird budgie "
    "car cars van bike bikes bicycle motorbike motorcycle scooter boat caravan camper truck lorry tractor trailer "
    "house flat apartment cottage cabin allotment garden garage shed farm field greenhouse "
    "piano guitar violin cello trumpet drum drums flute saxophone keyboard camera computer laptop printer tablet "
    "phone television telly telescope microscope sewing-machine washing-machine dishwasher fridge freezer oven robot "
    "allotment shop restaurant company business degree diploma tattoo pacemaker wheelchair hearing-aid "
    "volvo volkswagen toyota renault peugeot ford fiat skoda bmw audi mercedes tesla honda nissan mazda kia hyundai "
    "citroen opel vauxhall seat porsche suzuki subaru clio golf polo"
)
CONDITIONS = _set(
    "diabetes asthma arthritis epilepsy migraine migraines hypertension dementia alzheimer's parkinson's cancer eczema "
    "psoriasis depression anxiety insomnia tinnitus anaemia hay-fever glaucoma osteoporosis gout dyslexia adhd"
)
MEDICINES = _set(
    "tablet tablets pill pills insulin aspirin ibuprofen paracetamol metformin statins statin medication medicine "
    "antibiotics antihistamines antihistamine vitamins vitamin beta-blockers penicillin thyroxine levothyroxine "
    "warfarin ramipril capsule capsules drops inhaler supplements steroids antidepressants lithium"
)
GAMES = _set(
    "football soccer tennis badminton squash basketball volleyball handball hockey rugby cricket golf chess bridge "
    "poker darts snooker billiards baseball softball padel go bowls petanque piano guitar violin viola cello trumpet "
    "trombone drums flute clarinet oboe saxophone harp organ accordion banjo ukulele bass recorder keyboard sax tuba"
)
SCHOOLS = _set("school kindergarten nursery university college preschool pre-school uni academy sixth-form playgroup")
SUBJECTS = LANGUAGES | _set(
    "medicine law physics chemistry biology maths mathematics history geography economics engineering psychology "
    "philosophy music art design architecture nursing computing literature sociology politics theology linguistics"
)
TASTE_STOP = FUNCTION | _set("to how when seeing hearing talking knowing thinking being sleeping having getting")
FOOD_STOP = FUNCTION | _set("out alone enough breakfast lunch dinner late early well together anything")
HABIT_STOP = FUNCTION | _set("love hate think know feel want need get got see hear say said seems happens think rains")
FIRM_STOP = FUNCTION | _set("home living nothing free fun money peanuts night least myself hours years weeks months "
                            "ages moment present")  # fmt: skip
COMMON = FUNCTION | _set(
    "today tomorrow yesterday tonight morning evening work dinner lunch breakfast maybe perhaps sorry actually people "
    "everybody dear guess remember tell play stop start call wake set turn life time money music nothing home good "
    "great nice god man boy girl person alexa google siri nova computer mister sir madam honey darling oh wow no when "
    "how why what who where which did does is are can could would should will let let's remind show find read add"
) | frozenset(DAYS) | frozenset(MONTHS)  # fmt: skip
TITLES = _set("doctor dr mr mrs ms miss professor prof madame monsieur frau herr señor señora sir lady father sister")
SMALL = _set("of the de la le van von der den du di da del bin al el and & st saint sur upon am an en")


def head(words: str) -> str:
    """The last word: of an English noun phrase mostly what it is about."""
    return words.rsplit(" ", 1)[-1]


def is_place(norm: str, text: str, *, cased: bool) -> bool:
    words = norm.split()
    if words[0] == "the" and len(words) > 1:
        return cased and text.split()[-1][0].isupper()
    if words[0] in PLACE_STOP or len(words) > 4 or (words[0] in COMMON and words[0] not in MONTHS):
        return False
    return text[0].isupper() or not cased


def is_name(norm: str, text: str, *, cased: bool) -> bool:
    words = norm.split()
    if not words or len(words) > 4 or words[0] in COMMON or any(w in FUNCTION and w not in SMALL for w in words):
        return False
    return not cased or any(part[0].isupper() for part in text.split()) or words[0] in TITLES


def is_job(norm: str, text: str, *, cased: bool) -> bool:
    words = norm.split()
    last = head(norm)
    singular = last.removesuffix("s") if last not in JOBS else last
    return len(words) <= 4 and singular in JOBS and words[0] not in FUNCTION and "bit" not in words


def is_firm(norm: str, text: str, *, cased: bool) -> bool:
    words = norm.split()
    if words[0] in ("a", "an", "the", "my", "our") and len(words) > 1:
        words = words[1:]
    return len(words) <= 5 and words[0] not in FIRM_STOP and not words[0].isdigit() and not words[0].endswith("ing")


def is_trait(norm: str, text: str, *, cased: bool) -> bool:
    return norm in TRAITS or norm in TRAIT_PAIRS or (norm in LANGUAGES and (text[0].isupper() or not cased))


def is_thing(norm: str, text: str, *, cased: bool) -> bool:
    words = norm.split()
    if words[0] in FUNCTION | {"been", "never", "fond"} or len(words) > 6 or {"of", "from", "on", "to"} & set(words):
        return False
    return head(norm) in CONDITIONS | THINGS


def is_taste(norm: str, text: str, *, cased: bool) -> bool:
    words = norm.split()
    pointing = {"it", "this", "that", "these", "those", "them", "you", "your", "him", "her"} & set(words)
    return words[0] not in TASTE_STOP and len(words) <= 7 and not (pointing - {"that"} or words[-1] in FUNCTION)


def is_food(norm: str, text: str, *, cased: bool) -> bool:
    return norm.split()[0] not in FOOD_STOP and len(norm.split()) <= 4


def is_subject(norm: str, text: str, *, cased: bool) -> bool:
    return norm in SUBJECTS or head(norm) in SUBJECTS


def is_habit(norm: str, text: str, *, cased: bool) -> bool:
    words = norm.split()
    others = {"me", "you", "us", "him", "them"} & set(words)
    return words[0] not in HABIT_STOP and not others and not norm.startswith(("play ", "take ", "work "))


def is_work(norm: str, text: str, *, cased: bool) -> bool:
    return len(norm.split()) <= 4 and norm.split()[0] not in FUNCTION


def is_date(norm: str, text: str, *, cased: bool) -> bool:
    return bool(re.search(r"\d|\b(?:" + "|".join(MONTHS) + r")\b", norm))


def _head_in(words: frozenset[str], longest: int) -> Callable[..., bool]:
    def check(norm: str, text: str, *, cased: bool) -> bool:
        return head(norm) in words and len(norm.split()) <= longest and norm.split()[0] not in FUNCTION - {"the"}

    return check


def _anything(norm: str, text: str, *, cased: bool) -> bool:
    return norm.split()[0] not in FUNCTION


CHECKS: dict[str, Callable[..., bool]] = {
    "place": is_place,
    "trip": is_place,
    "name": is_name,
    "firm": is_firm,
    "job": is_job,
    "work": is_work,
    "school": _head_in(SCHOOLS, 3),
    "subject": is_subject,
    "game": _head_in(GAMES, 3),
    "language": _head_in(LANGUAGES, 4),
    "trait": is_trait,
    "taste": is_taste,
    "food": is_food,
    "allergen": is_food,
    "medicine": _head_in(MEDICINES, 4),
    "habit": is_habit,
    "thing": is_thing,
    "date-near": _anything,
    "age": _anything,
    "date": is_date,
}
"""Each is given the even words, the words as written, and whether the text is written with capitals."""
