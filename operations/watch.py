"""Looks for trouble, again and again, and puts what is to be told among the letters. A duty of the warden's."""

from __future__ import annotations

import logging
import secrets
import socket
import time
from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, Final

from django.conf import settings
from django.db import DatabaseError
from django.utils.translation import gettext as _

from operations import alarms, marking_queue, probe, readiness, telling
from operations.alarms import Alarm, Book, Letter, News
from operations.backups.making import OLD, last_made
from operations.questions import ANSWER_SECONDS, Question

EVERY_SECONDS: Final = 5.0
PROBE_SECONDS: Final = 60.0
FULL: Final = 0.9  # of the queue
NO_TURN_SECONDS: Final = 300.0
SHORT_SECONDS: Final = 30.0  # from the last time that somebody waited for memory
DEATHS: Final = 3  # of warm interpreters, within
DEATHS_SECONDS: Final = 300.0
LETTERS_MAX: Final = 100
Signs = dict[str, str | None]  # the trouble with each, None where all is well; one that cannot be known is left out
log = logging.getLogger(__name__)


class Watch:
    def __init__(self) -> None:
        self.book: Book | None = None  # read when first wanted
        self.text = ""  # of the book, when it was last to be written
        self.is_written = True
        self.writing = Question(self.write_text)
        self.deaths: deque[tuple[float, str, int]] = deque()  # when, of which supervisor, how many since it began
        self.probed = float("-inf")
        self.jails: Signs = {}
        self.no_turn_since: float | None = None
        self.probe_found_no_memory = False
        self.short_until = float("-inf")

    def known(self) -> Book:
        if self.book is None:
            self.book = alarms.read()
        return self.book

    async def look(self) -> None:
        """Once."""
        self.note(await self.signs(), time.time())

    def note(self, signs: Signs, now: float) -> None:
        book, before = self.known(), self.known().as_text()
        for sign, sentence in signs.items():
            alarm = book.alarms.get(sign, Alarm(sign))
            book.alarms[sign], news = alarms.step(alarm, sentence, now, settings.IVLE_ALARM_AFTER_SECONDS)
            if news is not None:
                announce(book, news, now)
        if book.as_text() != before or not self.is_written:
            self.write()

    def write(self) -> None:
        """On a disk that is full or hangs it is known in memory alone, which is said once."""
        self.text = self.known().as_text()
        earlier = self.writing.asked
        hangs = earlier is not None and not earlier.done()
        try:
            written = self.writing.begin().result(0 if hangs else ANSWER_SECONDS)
        except OSError as error:  # or TimeoutError, which is one
            if self.is_written:
                why = error.strerror or type(error).__name__
                log.warning("Alarms cannot be written down, and would be told again: %s", why)
            self.is_written = False
        else:
            self.is_written = written == self.text  # the answer may be that of an earlier one

    def write_text(self) -> str:
        """What it wrote. In a thread, which has no look at the book: that changes meanwhile."""
        text = self.text
        alarms.write(text)
        return text

    async def tell(self) -> None:
        """The other duty: what is due, of each sign in its order. It may take its time, and the looking goes on."""
        for hook in telling.hooks():
            for sign in dict.fromkeys(letter.sign for letter in self.known().letters if letter.hook == hook):
                while letter := self.first_letter(hook, sign):
                    if not letter.is_due(time.time()):
                        break
                    is_done = await telling.try_once(letter, time.time())
                    if is_done and letter in self.known().letters:
                        self.known().letters.remove(letter)
                    self.write()
                    if not is_done:
                        break

    def first_letter(self, hook: str, sign: str) -> Letter | None:
        return next((one for one in self.known().letters if (one.hook, one.sign) == (hook, sign)), None)

    async def signs(self) -> Signs:
        status = await readiness.status_of_supervisor()
        lacking = {lack.sign: lack.sentence for lack in await readiness.lacks(status)}
        found: Signs = {sign: lacking.get(sign) for sign in readiness.SIGNS if sign != "warden"}
        if "database" not in lacking:
            found |= await signs_of_marking()
        with suppress(TimeoutError):
            found["backup"] = await backups.answer()
        if status is None:
            del found["interpreter"]
            return found
        found |= await self.signs_of_jails()
        found |= signs_of_room(status)
        found["queue"] = found["queue"] or self.sign_of_no_turn(time.monotonic())
        found["memory"] = self.sign_of_memory(status, time.monotonic())
        found["crashing"] = self.sign_of_deaths(status, time.monotonic())
        return found

    def sign_of_no_turn(self, now: float) -> str | None:
        """Also where nothing may wait, and so no queue is ever full."""
        if self.no_turn_since is None or now - self.no_turn_since < NO_TURN_SECONDS:
            return None
        sentence = _("for %(minutes)d minutes there was no turn for a program that does nothing")
        return sentence % {"minutes": (now - self.no_turn_since) // 60}

    def sign_of_memory(self, status: Mapping[str, Any], now: float) -> str | None:
        """Whoever waits for memory is sent away after some seconds and comes back: that there is nobody at this very
        moment says little."""
        if status["waiting_for_memory"]:
            self.short_until = now + SHORT_SECONDS
        if not self.probe_found_no_memory and now >= self.short_until:
            return None
        return _("the machine is short of memory, so programs wait or are sent away")

    def sign_of_deaths(self, status: Mapping[str, Any], now: float) -> str | None:
        total = sum(nursery["zygote_deaths"] for nursery in status["consoles"].values())
        boot = status["counts"]["boot"]
        self.deaths.append((now, boot, total))
        while self.deaths[0][0] < now - DEATHS_SECONDS or self.deaths[0][1] != boot:
            self.deaths.popleft()
        died = total - self.deaths[0][2]
        if died < DEATHS:
            return None
        sentence = _("the students' interpreter died %(count)d times in %(minutes)d minutes")
        return sentence % {"count": died, "minutes": DEATHS_SECONDS // 60}

    async def signs_of_jails(self) -> Signs:
        if time.monotonic() - self.probed >= PROBE_SECONDS:
            had_turn, self.probe_found_no_memory, self.jails = True, False, {}
            try:
                self.jails = {"jails": await probe.trouble()}
            except probe.NoTurn:
                had_turn = False
            except probe.NoMemory:
                self.probe_found_no_memory = True
            except probe.NotKnown:
                pass
            self.probed = time.monotonic()
            self.no_turn_since = None if had_turn else (self.no_turn_since or self.probed)
        return self.jails


def signs_of_room(status: Mapping[str, Any]) -> Signs:
    waiting, most = status["waiting"], settings.IVLE_RUNS_WAITING
    queue, consoles = None, None
    if most and waiting >= FULL * most:
        queue = _("%(count)d programs wait for their turn, of %(most)d that may") % {"count": waiting, "most": most}
    if status["sessions"] >= settings.IVLE_CONSOLES_MAX:
        consoles = _("%(count)d consoles are open, which is the most there may be") % {"count": status["sessions"]}
    return {"queue": queue, "consoles": consoles}


def sign_of_backups() -> str | None:
    """Only where some are made: who wants none is told by `manage.py check --deploy`."""
    made = last_made()
    if made is None or datetime.now(UTC) - made < OLD:
        return None
    return _("the last backup is of %(day)s, and a newer one was not made") % {"day": made.strftime("%Y-%m-%d")}


backups: Final = Question(sign_of_backups)


async def signs_of_marking() -> Signs:
    try:
        queue = await marking_queue.question.answer()
    except (DatabaseError, TimeoutError):
        return {}
    minutes = int(queue.oldest_seconds // 60)
    if minutes < settings.IVLE_ALARM_MARKING_MINUTES:
        return {"marking": None}
    sentence = _("a submission has waited %(minutes)d minutes to be marked, with %(count)d others")
    return {"marking": sentence % {"minutes": minutes, "count": queue.waiting + queue.marking - 1}}


def announce(book: Book, news: News, now: float) -> None:
    """In the log at once; by the hooks as soon as they can."""
    if news.is_over:
        log.warning("It is over: %s", news.sentence, extra={"sign": news.sign})
    else:
        log.error("Alarm: %s", news.sentence, extra={"sign": news.sign})
    message = message_of(news.sign, "over" if news.is_over else "trouble", news.sentence, news.since, now)
    book.letters += [Letter(hook, message) for hook in telling.hooks()]
    if len(book.letters) > LETTERS_MAX:
        log.error("%d letters about alarms could not be sent in time.", len(book.letters) - LETTERS_MAX)
        del book.letters[:-LETTERS_MAX]


def message_of(sign: str, state: str, sentence: str, since: float, now: float) -> dict[str, Any]:
    """What a hook is given."""
    return {
        "site": settings.IVLE_PUBLIC_URL,
        "machine": socket.gethostname(),
        "sign": sign,
        "state": state,
        "sentence": sentence,
        "since": datetime.fromtimestamp(since, UTC).isoformat(timespec="seconds"),
        "at": datetime.fromtimestamp(now, UTC).isoformat(timespec="seconds"),
        "id": secrets.token_hex(8),
    }


watch: Final = Watch()
