"""What the clockwork does by itself: finds work that is due, puts deeds into their chains, says that it lives, tidies up."""

import logging
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from models import files
from models.comments.alike import closed_lately
from models.comments.claims import remind
from models.comments.forget import forget
from models.decisions.consultation import Consultation, to_remind
from models.decisions.expiry import remind_of_expiry
from models.decisions.volume import sweep_copies
from models.kernel.base import db
from models.kernel.clock import local, now, today, wall
from models.kernel.heads import keep, newest, take_daily_head
from models.kernel.trail import SYSTEM, sequence, unlinked
from models.kernel.witness import witness
from models.kernel.work import Heartbeat, Work, WorkState
from models.messages import allowance
from models.messages.heard import Heard
from models.outreach.article import ArticleStage
from models.outreach.attendee import kept_long_enough
from models.outreach.campaign import Campaign, CampaignStage, due
from models.outreach.lecture import Lecture
from models.outreach.lecture import to_remind as lectures_to_remind
from models.people.link import OneOffLink
from models.people.officer import Officer
from models.people.resident import Resident
from models.people.session import Session
from models.questions.duty import unassigned
from models.questions.erase import expire, over
from models.questions.mediation import Mediation
from models.questions.mediation import to_remind as to_remind_of_confirming
from models.questions.question import SETTLED, Question, QuestionStage
from models.search.kinds import index, lacking
from server.house import House, brief
from server.jobs.carrier import Carrier
from server.jobs.queue import Queue

log = logging.getLogger(__name__)

SWEEP_SECONDS = 2.0
SEQUENCE_SECONDS = 2.0
BEAT_SECONDS = 10.0
CALENDAR_SECONDS = 60.0
CAMPAIGN_SECONDS = 10.0
INDEX_SECONDS = 60.0
TIDY_SECONDS = 900.0
DRAFT_SECONDS = 86400.0
"""After a day without a word a file in the making has no maker any more."""
STRIDE = 50
"""Deeds put into their chains in one transaction, so that SQLite's one writer is never held for long."""
AGAIN_SECONDS = 20.0
"""How long a number that was put into the queue is not put there again."""
REMIND_FROM, REMIND_UNTIL = 9, 18
"""Hours in Beijing between which people are reminded."""
FULL = 2000
"""Numbers in the queue beyond which the sweep waits for the workers."""


@dataclass
class Duty:
    """One thing done again and again."""

    name: str
    every: float
    do: Callable[[], None]
    due: float = 0.0


class Routine:
    """Runs the duties in one thread; one that fails is logged and tried again when its time comes."""

    def __init__(self, app: House, queue: Queue, carrier: Carrier) -> None:
        self.app = app
        self.queue = queue
        self.carrier = carrier
        self._carried: dict[int, float] = {}
        self._reminded_on: date | None = None
        """Yesterday, once today's reminders of documents that end went out."""
        self._compared: set[str] = set()
        """Closings after which comments were compared."""
        self._stop = threading.Event()
        self.duties = [
            Duty("beat", BEAT_SECONDS, self.beat),
            Duty("sweep", SWEEP_SECONDS, self.sweep),
            Duty("sequence", SEQUENCE_SECONDS, self.sequence),
            Duty("calendar", CALENDAR_SECONDS, self.calendar),
            Duty("campaigns", CAMPAIGN_SECONDS, self.campaigns),
            Duty("index", INDEX_SECONDS, self.index),
            Duty("tidy", TIDY_SECONDS, self.tidy, due=time.monotonic() + 60),
        ]
        self._thread = threading.Thread(target=self._run, name="routine", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End after the duty in hand."""
        self._stop.set()
        self._thread.join(10)

    def _run(self) -> None:
        while not self._stop.wait(0.2):
            for duty in self.duties:
                if time.monotonic() < duty.due or self._stop.is_set():
                    continue
                duty.due = time.monotonic() + duty.every
                try:
                    with self.app.app_context():
                        duty.do()
                except Exception:
                    log.exception("duty %s failed", duty.name)

    def beat(self) -> None:
        """For /readyz and for whoever watches."""
        with brief():
            Heartbeat.beat("worker")

    def sweep(self) -> None:
        """Put the numbers of due work into the queue again: those a dead worker held, and those whose time has come."""
        moment = time.monotonic()
        self._carried = {n: t for n, t in self._carried.items() if moment - t < AGAIN_SECONDS}
        try:
            waiting = self.carrier.waiting()
        except Exception as error:
            log.warning("the queue is away (%s); the sweep does the work itself", type(error).__name__)
            self.by_hand()
            return
        if waiting > FULL:
            return
        fresh = [number for number in self.queue.due() if number not in self._carried]
        self._carried.update(dict.fromkeys(fresh, moment))
        if fresh:
            self.carrier.carry(fresh)

    def by_hand(self) -> None:
        """Without a queue work goes on, one piece after the other, and the other duties are not kept waiting for long."""
        until = time.monotonic() + BEAT_SECONDS / 2
        while not self._stop.is_set() and time.monotonic() < until and (numbers := self.queue.due(10)):
            for number in numbers:
                self.queue.do_and_forget(number)

    def sequence(self) -> None:
        """Give waiting deeds their places in their chains."""
        while not self._stop.is_set():
            with brief(write=False):
                if not unlinked(1, but=witness().broken):
                    return
            try:
                with brief():
                    if not sequence(STRIDE):
                        return
            except IntegrityError:
                return  # another machine's sequencer was quicker: its links stand

    def calendar(self) -> None:
        """Yesterday's heads of all chains under one hash, once the day is over in Beijing, and kept beside the database."""
        with brief(write=False):
            yesterday = today() - timedelta(days=1)
            taken = [row.day for row in newest(1)] >= [yesterday]
        if not taken:
            with suppress(IntegrityError), brief():  # or another machine took it
                take_daily_head(yesterday)
        with brief(write=False):
            keep()
        with brief():
            remind()
        if self._reminded_on != yesterday:
            with suppress(IntegrityError), brief():  # or another machine sent it
                remind_of_expiry()
            self._reminded_on = yesterday
        self.find_alike()
        self.remind_followers()
        self.remind_of_lectures()
        self.forget_neighbours()
        self.legal_questions()

    def find_alike(self) -> None:
        """What was said is compared by itself once a window has closed; nothing is put together."""
        with brief(write=False):
            waiting = [(number, key) for number, key in closed_lately() if key not in self._compared]
        for number, key in waiting:
            with brief():
                Work.want("find_alike", {"consultation": number}, key=key)
            self._compared.add(key)

    def campaigns(self) -> None:
        """Campaigns whose moment has come begin, once, in the hours in which people may be told; what lost its article does not."""
        with brief(write=False):
            waiting = due()
        for number in waiting:
            with brief():
                campaign = db.session.get_one(Campaign, number, with_for_update={"of": Campaign})
                if campaign.stage is not CampaignStage.APPROVED or number not in due():
                    continue
                if campaign.article.stage is ArticleStage.PUBLISHED:
                    campaign.start(SYSTEM)
                else:
                    campaign.drop(SYSTEM, "文章已经撤下")

    def legal_questions(self) -> None:
        """What nobody gave to a counsel in time goes by the roster; what was kept long enough is deleted."""
        with brief(write=False):
            waiting = [(question.id, counsel.id) for question, counsel in unassigned()]
            old = [question.id for question in over()]
        for number, counsel in waiting:
            with brief():
                asked = db.session.get_one(Question, number, with_for_update=True)
                if asked.stage == QuestionStage.ASKED:
                    asked.assign_by_roster(SYSTEM, db.session.get_one(Officer, counsel))
        with brief(write=False):
            ending = [mediation.id for mediation in to_remind_of_confirming()]
        for number in ending:
            with brief():
                agreed = db.session.get_one(Mediation, number, with_for_update=True)
                if agreed.reminded_at is None and agreed.confirmed_on is None:
                    agreed.remind(SYSTEM)
        for number in old:
            with brief():
                kept = db.session.get_one(Question, number, with_for_update=True)
                if kept.stage in SETTLED:
                    expire(kept, SYSTEM)

    def index(self) -> None:
        """Public texts that nobody can find yet, from before there was a search or from another machine: one a transaction."""
        while not self._stop.is_set():
            with brief(write=False):
                waiting = list(lacking(STRIDE))
            for record, number in waiting:
                with brief():
                    index(record, number)
            if len(waiting) < STRIDE:
                return

    def remind_followers(self) -> None:
        """Those who follow are told once that a window closes soon, in office hours."""
        with brief(write=False):
            if not REMIND_FROM <= local(now()).hour < REMIND_UNTIL:
                return
            waiting = to_remind()
        for number in waiting:
            with brief():
                asked = db.session.get_one(Consultation, number, with_for_update=True)
                if number in to_remind():
                    asked.remind(SYSTEM)

    def remind_of_lectures(self) -> None:
        """Those who have a seat are told the day before, once, in office hours."""
        with brief(write=False):
            if not REMIND_FROM <= local(now()).hour < REMIND_UNTIL:
                return
            waiting = lectures_to_remind()
        for number in waiting:
            with brief():
                lecture = db.session.get_one(Lecture, number, with_for_update=True)
                if number in lectures_to_remind():
                    lecture.remind(SYSTEM)

    def forget_neighbours(self) -> None:
        """Names that staff wrote down for a lecture go when they were promised to go; who was counted stays counted."""
        with brief(write=False):
            old = [who.id for who in kept_long_enough()]
        for number in old:
            with brief():
                who = db.session.get_one(Resident, number)
                if who.erased_at is None:
                    forget(who, SYSTEM)

    def tidy(self) -> None:
        """Forget what has no more use: old sessions, links, repeats heard long ago, work that is done."""
        witness().tidy()
        with brief(write=False):
            gone = sweep_copies()
        if gone:
            log.info("%s copies of case files had lain here long enough and were deleted", gone)
        files.sweep_drafts(wall().timestamp() - DRAFT_SECONDS)
        with brief():
            Session.sweep()
        with brief():
            Heard.sweep()
        with brief():
            allowance.sweep()
        with brief():
            db.session.execute(delete(OneOffLink).where(OneOffLink.expires_at < wall() - timedelta(days=7)))
        with brief():
            done = db.session.scalars(
                select(Work.id)
                .where(Work.state == WorkState.DONE, Work.made_at < wall() - timedelta(days=30))
                .limit(500)
            ).all()
            db.session.execute(delete(Work).where(Work.id.in_(done)))
