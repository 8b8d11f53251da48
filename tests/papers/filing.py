"""A case with everything a file can hold, brought to its archive, and the worker that packs it."""

import os
import random
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import func, insert, select, update

from models import files
from models.comments.comment import Attachment, Comment, MediaKind, MediaState
from models.comments.point import AnswerVersion, Point
from models.comments.second_look import Rating, SecondLook
from models.comments.showing import Redaction
from models.comments.transcription import Transcription
from models.decisions import road
from models.decisions.archive import archive
from models.decisions.consultation import Consultation
from models.decisions.decision import Category, Decision, Kind
from models.decisions.material import Material, Publicity
from models.decisions.matter import Procedure
from models.decisions.procedure import excuse
from models.decisions.volume import CaseFile, Packing, Purpose, volumes
from models.kernel import clock as law
from models.kernel import trail
from models.kernel.base import db
from models.kernel.clock import now, today, wall
from models.kernel.sealed import PersonKey, keyring, seal
from models.kernel.trail import Trace, TraceLink
from models.kernel.work import Work, WorkState
from models.people.officer import Officer
from models.people.resident import Resident
from server.house import House
from server.jobs.kinds import JOBS
from server.jobs.queue import Queue
from server.papers.bag import Hashing
from server.papers.casefile import pack
from tests.making import a_comment, a_consultation, a_pdf, a_release, a_resident, answer_all, points_of

TITLE = "青禾街道农贸市场周边停车管理办法"
ORIGINAL = "一个小时不够，来吃席的亲戚停不下；我家住东侧。"
NAME, PHONE = "周桂芳", "13800005550"


STATIONS = ("start", "consultation", "answers", "archive")
"""Whose records these tests make; what lies between is the business of other records."""


def only_these(monkeypatch: pytest.MonkeyPatch) -> None:
    """The other stations say nothing."""
    monkeypatch.setattr(road, "_TELLERS", {key: tell for key, tell in road._TELLERS.items() if key in STATIONS})


def a_case(people: Any, comments: int = 3) -> Consultation:
    """Asked, answered in two versions, released, with papers, an attachment, an extension and a correction."""
    asked = a_consultation(people, title=TITLE)
    case = asked.decision
    case.classify(people["shenlin"], Kind.MAJOR, "影响四个小区。", category=Category.POLICY)
    case.start(people["shenlin"])
    for one in (Procedure.EXPERT, Procedure.RISK, Procedure.HEARING, Procedure.POLL):
        excuse(case, people["xujing"], one, "不涉及专业问题。")
    asked.extend(people["wuqiming"], 3, "放假")
    asked.correct(people["wuqiming"], "电话写错了", contact_phone="0000-5550199")
    for n in range(comments):
        who = a_resident(n + 1)
        who.name, who.phone = NAME, PHONE
        a_comment(asked, who, f"{ORIGINAL}第{n + 1}个。", clause=asked.draft.speakable[1] if n % 2 else None)
    given = a_comment(asked, a_resident(900), "我录了一段。", show_text=True)
    picture = Attachment(
        comment=given.comment,
        resident=given.comment.resident,
        kind=MediaKind.PICTURE,
        state=MediaState.KEPT,
        sha256=files.keep(b"\xff\xd8\xff\xe0 a picture", key=given.comment.resident.key.secret),
        mime="image/jpeg",
        size=10,
        received_at=now(),
    )
    db.session.add(picture)
    first = Material.add(people["shenlin"], case, "start", "立项报告", a_pdf("一"), publicity=Publicity.OPEN)
    Material.add(people["shenlin"], case, "start", "立项报告", a_pdf("二"), publicity=Publicity.OPEN, replaces=first)
    Material.add(
        people["zhoumin"],
        case,
        "deliberation",
        "会议记录：第12次主任办公会",
        a_pdf("会"),
        publicity=Publicity.CLOSED,
        publicity_reason="过程性信息",
    )
    law.move(40 * 86400)
    db.session.expire_all()
    points = list(points_of(asked))
    points[0].answer(people["shenlin"], "not_adopted", "第一稿的理由。", gist="嫌短")
    points[0].answer(people["shenlin"], "adopted", "改为两小时。", gist="嫌一小时太短")
    points[0].submit(people["shenlin"])
    points[0].approve(people["xujing"], may_show=True)
    answer_all(people, asked)
    a_release(people, asked)
    return asked


def decided(case: Decision) -> None:
    """Decided and published: what lies between is the business of other records."""
    db.session.flush()
    db.session.execute(
        update(Decision)
        .where(Decision.id == case.id)
        .values(stage="published", decided_on=today(), published_on=today(), version=Decision.version + 1)
    )
    db.session.expire_all()


def work(app: House) -> int:
    """Put the deeds into their chains and do what waits for the worker."""
    with app.app_context():
        while trail.sequence():
            pass
        db.session.commit()
        wanted = db.session.scalars(
            select(Work.id).where(Work.kind == "pack_case_file", Work.state == WorkState.READY)
        ).all()
        db.session.execute(update(Work).where(Work.id.in_(wanted)).values(run_at=wall()))
        db.session.commit()
    queue = Queue(app, JOBS, "tests")
    return sum(queue.do(number) for number in wanted)


def written(case: Decision, path: Path) -> Path:
    """A copy, in a file."""
    with path.open("wb") as file:
        pack(case, Hashing(file))
    return path


def closed(app: House, people: Any, case: Decision, session: Any, *, supplement: bool = False) -> CaseFile:
    """Archived, or added to, and sealed by the worker."""
    if supplement:
        Packing.ask(people["yangfan"], case, Purpose.SUPPLEMENT)
    else:
        archive(case, people["yangfan"])
    session.commit()
    work(app)
    session.expire_all()
    return volumes(case)[-1]


def crowd(session: Any, case: Decision, number: int, *, words: int = 180) -> None:
    """Many comments at once, each of a person of their own, sealed and answered in two versions, with its place in the trail."""
    asked = session.scalars(select(Consultation).where(Consultation.decision_id == case.id)).one()
    who = session.scalar(select(func.min(Officer.id)))
    ring = keyring()
    wrap = AESGCM(ring.keys[ring.current])
    first = {r: (session.scalar(select(func.max(r.id))) or 0) + 1 for r in (PersonKey, Resident, Comment, Point, Trace)}
    moment = now()
    position, head = trail.tip(case.chain)
    for start in range(0, number, 1000):
        rows: dict[Any, list[dict[str, Any]]] = {
            r: []
            for r in (
                PersonKey,
                Resident,
                Comment,
                Point,
                AnswerVersion,
                Trace,
                TraceLink,
                Transcription,
                Redaction,
                Rating,
                SecondLook,
            )
        }
        for n in range(start, min(start + 1000, number)):
            at = {record: number_ + n for record, number_ in first.items()}
            name, secret = f"k{n:011d}", os.urandom(32)
            nonce = os.urandom(12)
            rows[PersonKey].append(
                {
                    "id": at[PersonKey],
                    "public_id": name,
                    "wrapped": nonce + wrap.encrypt(nonce, secret, f"person_key:{name}".encode()),
                    "wrapped_by": ring.current,
                }
            )
            rows[Resident].append(
                {
                    "id": at[Resident],
                    "public_id": f"r{n:011d}",
                    "kind": "individual",
                    "key_id": at[PersonKey],
                    "sealed_name": seal(secret, NAME, f"resident.name:r{n:011d}"),
                    "anonymous": False,
                    "on_paper": False,
                    "joined_at": moment,
                }
            )
            said = f"第{n}个想说的：" + "".join(
                random.Random(n).choices("停车办法早晚高峰买菜居民车位收费时段东侧西侧", k=words)
            )
            rows[Comment].append(
                {
                    "id": at[Comment],
                    "public_id": f"c{n:011d}",
                    "consultation_id": asked.id,
                    "resident_id": at[Resident],
                    "channel": "h5",
                    "serial": 10_000 + n,
                    "kind": "individual",
                    "signers": 1,
                    "sealed_text": seal(secret, said, f"comment.text:c{n:011d}"),
                    "tokens": "",
                    "show_text": False,
                    "show_name": False,
                    "received_at": moment,
                }
            )
            answer = {"outcome": "not_adopted", "sub_reason": "not_now", "reason": said[:120]}
            rows[Point].append(
                {
                    "id": at[Point],
                    "public_id": f"p{n:011d}",
                    "comment_id": at[Comment],
                    "consultation_id": asked.id,
                    "number": 1,
                    "stage": "released",
                    "gist": said[:30],
                    **answer,
                    "author_id": who,
                    "approver_id": who + 1,
                    "may_show": False,
                    "returned_reason": "",
                    "answered_at": moment,
                    "approved_at": moment,
                    "released_at": moment,
                    "version": 3,
                }
            )
            rows[AnswerVersion] += [
                {"point_id": at[Point], "number": v, **answer, "gist": said[:30], "author_id": who, "made_at": moment}
                for v in (1, 2)
            ]
            worked_on(rows, n, at, who, secret, moment)
            trace = Trace(
                id=at[Trace],
                ref=f"t{n:063d}",
                chain=case.chain,
                at=moment,
                wall_at=moment,
                subject_kind="Consultation",
                subject_id=asked.id,
                verb="_receive",
                actor_kind="resident",
                actor_ref=f"r{n:011d}",
                actor_name="居民",
                actor_post="",
                actor_unit="",
                detail={"serial": f"{n}", "channel_words": "网页", "text": "0" * 64},
                demonstration=True,
            )
            trace.mac = made_mac(trace)
            position, head = position + 1, trail.link_head(head, trace)
            rows[Trace].append(trail.row_fields(trace) | {"id": trace.id, "mac": trace.mac})
            rows[TraceLink].append(
                {
                    "trace_id": trace.id,
                    "chain": case.chain,
                    "position": position,
                    "head": head,
                    "mac": trail.link_mac(case.chain, position, head),
                }
            )
        for record, made in rows.items():
            session.execute(insert(record), made)
    session.commit()


def worked_on(rows: Any, n: int, at: Any, who: int, secret: bytes, moment: Any) -> None:
    """One in two was written down and read, covered in a place, and judged; one in four was looked at once more."""
    if n % 2:
        return
    comment, point = at[Comment], at[Point]
    rows[Transcription].append(
        {
            "public_id": f"w{n:011d}",
            "comment_id": comment,
            "source": "letter",
            "stage": "mended",
            "author_id": who,
            "checker_id": who + 1,
            "sealed_mended": seal(secret, "改" * 90, f"transcription.mended:w{n:011d}"),
            "remark": "漏了几个字。",
            "made_at": moment,
            "checked_at": moment,
            "version": 2,
        }
    )
    rows[Redaction].append(
        {
            "public_id": f"x{n:011d}",
            "comment_id": comment,
            "sealed_words": seal(secret, "停车办法", f"redaction.words:x{n:011d}"),
            "ground": "personal",
            "reason": "姓名",
            "batch": "",
            "officer_id": who,
            "made_at": moment,
        }
    )
    rows[Rating].append({"point_id": point, "resident_id": at[Resident], "good": bool(n % 4), "made_at": moment})
    if n % 4 == 0:
        rows[SecondLook].append(
            {
                "public_id": f"y{n:011d}",
                "point_id": point,
                "stage": "asked",
                "sealed_reason": seal(secret, "没说北侧停车场。" * 10, f"second_look.reason:y{n:011d}"),
                "due_on": today(),
                "made_at": moment,
                "version": 1,
            }
        )


def made_mac(trace: Trace) -> bytes:
    """What write() would have put there."""
    return trail.keyed("trace", trail.canonical(trail.row_fields(trace)))
