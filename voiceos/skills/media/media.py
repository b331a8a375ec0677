"""Radio stations, one's own music and podcasts: playing, pausing, skipping, what is playing, and a sleep timer."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import datetime

from anyio import to_thread

from voiceos.audio.media.jukebox import Track
from voiceos.errors import MediaError
from voiceos.language.data import pattern
from voiceos.language.sentences import joined
from voiceos.language.sentences import skill_says as says
from voiceos.language.times import Duration, Moment
from voiceos.skills.media.meant import FILE, Chooser, Chosen, may_sound
from voiceos.skills.schedule.said import said_day, said_length
from voiceos.skills.schedule.words import asks_no_more, settled, times_in, without
from voiceos.skills.skill import Asked, Intent, Pass, Question, Said, Skill, Workshop
from voiceos.store.database import Connection
from voiceos.store.schedule import Entry, add_entry, due_after, entries, remove_entries


def make(workshop: Workshop) -> Skill:
    """Nothing is fetched, and no folder is read, before it is asked for."""
    media = Media(workshop)
    sound = {
        "what": media.may_play,
        "tune": media.may_be_heard,
        "heard": media.is_named,
        "when": is_when,
        "alone": media.plays,
    }
    do: dict[str, Callable[[Asked], Awaitable[Said]]] = {
        "pause": media.pause,
        "resume": media.resume,
        "next": media.skip(1, "no_next"),
        "previous": media.skip(-1, "no_previous"),
        "again": media.skip(0, "nothing"),
        "stop": media.stop,
    }
    return Skill(
        "media",
        [
            Intent("media.play", media.play, acts=True, slots=sound, mine=media.is_order),
            *(
                Intent(f"media.{name}", act, acts=True, slots=sound, mine=media.is_about(name))
                for name, act in do.items()
            ),
            Intent("media.sleep", media.sleep, acts=True, slots=sound, mine=media.is_sleep),
            Intent("media.awake", media.awake, acts=True),
            Intent("media.left", media.left),
            Intent("media.what", media.what, slots=sound, mine=media.is_about("what")),
            Intent("media.stations", media.stations),
        ],
        names=lambda: {"station": media.own_stations()},
    )


class Media:
    """What the skill does."""

    def __init__(self, workshop: Workshop) -> None:
        self._workshop = workshop
        self._jukebox = workshop.jukebox
        self._chooser = Chooser(workshop.config.media)

    # What is about sound

    def may_play(self, said: str, now: datetime) -> bool:
        return may_sound(said) and asks_no_more(said, now)

    def may_be_heard(self, said: str, now: datetime) -> bool:
        """For what is not only asked for of music: "I want to hear …"."""
        heard = pattern("en", FILE, "said.not_heard").search(said) is None
        return self.may_play(said, now) and (heard or self._chooser.is_named(said))

    def is_named(self, said: str, now: datetime) -> bool:
        return self.may_play(said, now) and self._chooser.is_named(said)

    def plays(self, said: str, now: datetime) -> bool:
        """For what is about music only while there is some."""
        return self._jukebox.track is not None

    def is_order(self, asked: Asked) -> bool:
        return self.is_named(_what(asked.text), asked.now)

    def is_about(self, name: str) -> Callable[[Asked], bool]:
        """For what the judge took for it: a word for stopping is in none but `stop`."""

        def mine(asked: Asked) -> bool:
            ends = pattern("en", FILE, "said.stopping").search(asked.text) is not None
            named = self._jukebox.track is not None or pattern("en", FILE, "said.sound").search(asked.text) is not None
            return named and ends == (name == "stop")

        return mine

    def is_sleep(self, asked: Asked) -> bool:
        return self._jukebox.track is not None and _when(asked.text, asked.now) is not None

    # Playing

    async def play(self, asked: Asked) -> Said:
        told = (asked.slots.get(name) for name in ("what", "tune", "heard"))
        what = next((one for one in told if one), "") or _what(asked.text)
        if not what:
            return Said(says("media.what"), Question(asked.intent, "what"))
        if not self._jukebox.speakers:
            return Said(says("media.no_speaker"))
        if self._jukebox.is_paused and self._chooser.is_anything(what):
            return await self.resume(asked)
        try:
            return await self._play(what)
        except MediaError as error:
            if error.why == "not_found" and self._workshop.config.home.url:  # it may know a player, or a room
                raise Pass from error
            raise

    async def _play(self, what: str) -> Said:
        chosen = self._chooser.station(what)
        chosen = chosen or await to_thread.run_sync(self._chooser.find, what)
        track = await self._jukebox.play(chosen.tracks, chosen.index)
        if chosen.key in ("song", "song_by"):
            chosen = replace(chosen, name=track.name, artist=track.artist)
        done = {"kind": track.kind, "what": chosen.name, **({"title": chosen.title} if chosen.title else {})}
        return Said(_said(chosen), done=done, undo=self._silence)

    async def _silence(self) -> str:
        self._jukebox.stop()
        return says("media.stopped")

    async def pause(self, asked: Asked) -> Said:
        track = self._jukebox.track
        if not track or self._jukebox.is_paused:
            return Said(says("media.already_paused" if track else "media.nothing"))
        self._jukebox.pause()
        return Said(says("media.paused"), done={"what": track.name})

    async def resume(self, asked: Asked) -> Said:
        track = self._jukebox.track
        if not track or not self._jukebox.is_paused:
            return Said(says("media.is_playing" if track else "media.nothing"))
        await self._jukebox.resume()
        key = "resumed_name" if track.kind == "station" else "resumed"
        return Said(says(f"media.{key}", name=track.name), done={"what": track.name})

    def skip(self, steps: int, none: str) -> Callable[[Asked], Awaitable[Said]]:
        """What goes so many tracks on; says `none` where there is no other."""

        async def skipped(asked: Asked) -> Said:
            if not self._jukebox.track:
                return Said(says("media.nothing"))
            track = await self._jukebox.skip(steps)
            if not track:
                return Said(says(f"media.{none}"))
            said = says("media.again") if steps == 0 and track.kind != "station" else _now(track, "", "")
            return Said(said, done={"what": track.name})

        return skipped

    async def stop(self, asked: Asked) -> Said:
        track = self._jukebox.track
        if not track:
            return Said(says("media.nothing"))
        self._jukebox.stop()
        return Said(says("media.stopped"), done={"what": track.name})

    async def what(self, asked: Asked) -> Said:
        track, tags = self._jukebox.track, self._jukebox.tags
        if not track:
            return Said(says("media.nothing"))
        if self._jukebox.is_paused:
            return Said(says("media.now_paused", name=track.name))
        if track.kind == "song":
            track = replace(track, name=tags.get("title") or track.name, artist=tags.get("artist") or track.artist)
        return Said(_now(track, self._jukebox.title, track.album))

    def own_stations(self) -> Sequence[str]:
        return self._chooser.own()

    async def stations(self, asked: Asked) -> Said:
        return Said(says("media.stations", list=joined(self._chooser.listed())))

    # The sleep timer

    async def sleep(self, asked: Asked) -> Said:
        heard = asked.slots.get("when") or asked.text
        at = _when(heard, asked.now)
        if at is None:
            return Said(says("media.when"), Question(asked.intent, "when", dict(asked.slots)))
        clocks = self._workshop.clocks()
        seconds = round(at.timestamp() - clocks.now.timestamp())
        if seconds < 1:
            return Said(says("media.sleep_past"))
        if (what := asked.slots.get("what")) and self._jukebox.speakers:
            await self._play(what)
        elif not self._jukebox.track:
            return Said(says("media.nothing"))
        turn = asked.turn
        wanted = due_after(
            Entry(
                "sleep", length=seconds, who=turn.who, device=turn.device, turn=turn.id, made_at=clocks.now.timestamp()
            ),
            seconds,
            clocks,
        )

        def work(db: Connection) -> bool:
            earlier = _sleeping(db)
            remove_entries(db, [entry.id for entry in earlier])
            add_entry(db, wanted)
            return bool(earlier)

        replaced = await self._workshop.stored(work)
        self._workshop.rescheduled()
        key = "sleep" if _is_length(heard, asked.now) else "sleep_at"
        values = {"length": said_length(seconds), "when": said_day(at, asked.now)}
        return Said(
            says("media.asleep_before" if replaced else f"media.{key}", **values), done=values, undo=self._awake
        )

    async def awake(self, asked: Asked) -> Said:
        if not await self._workshop.stored(_sleeping):
            return Said(says("media.no_sleep"))
        return Said(await self._awake(), done={})

    async def _awake(self) -> str:
        await self._workshop.stored(lambda db: remove_entries(db, [entry.id for entry in _sleeping(db)]))
        self._workshop.rescheduled()
        return says("media.awake")

    async def left(self, asked: Asked) -> Said:
        clocks = self._workshop.clocks()
        dues = [at for entry in await self._workshop.stored(_sleeping) if (at := entry.at(clocks)) is not None]
        if not dues:
            return Said(says("media.no_sleep"))
        return Said(says("media.left", length=said_length(max(1.0, min(dues) - clocks.now.timestamp()))))


def is_when(said: str, now: datetime) -> bool:
    """Whether some words, all of them, are a moment to come or a length of time."""
    found = times_in(settled(said, now), now)
    return len(found) == 1 and not without(settled(said, now), found) and _when(said, now) is not None


def _when(said: str, now: datetime) -> datetime | None:
    for one in times_in(settled(said, now), now):
        if isinstance(one.meaning, Duration):
            return now + one.meaning.length
        if isinstance(one.meaning, Moment):
            return one.meaning.at
    return None


def _is_length(said: str, now: datetime) -> bool:
    """Whether it was said how long, not when."""
    return pattern("en", FILE, "said.length").search(said) is not None


def _sleeping(db: Connection) -> list[Entry]:
    return [entry for entry in entries(db) if entry.kind == "sleep"]


def _what(text: str) -> str:
    """What a sentence that no template has wants to hear."""
    return pattern("en", FILE, "said.order").sub("", text).strip(" ,.!?")


def _said(chosen: Chosen) -> str:
    return says(f"media.{chosen.key}", name=chosen.name, artist=chosen.artist, title=chosen.title)


def _now(track: Track, title: str, album: str) -> str:
    match track.kind:
        case "station":
            return says("media.now_station_title" if title else "media.now_station", name=track.name, title=title)
        case "episode":
            return says("media.now_episode" if album else "media.now_station", name=track.name, title=album)
        case _:
            return says("media.now_by" if track.artist else "media.now", name=track.name, artist=track.artist)
