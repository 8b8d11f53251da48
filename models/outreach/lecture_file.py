"""What belongs to a lecture: papers for everybody, and photographs, of which only those are shown whose faces agreed."""

import enum
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, String, or_, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models import files
from models.kernel.base import Base, PublicId, choice, db
from models.kernel.clock import now
from models.kernel.lifecycle import act
from models.kernel.refusal import OutOfTurn, RuleUnmet
from models.kernel.trail import note
from models.kernel.work import Work
from models.outreach.lecture import Lecture, LectureStage, ours
from models.outreach.picture import Picture
from models.people.officer import Officer
from models.texts.received import as_received

MOST = 40
"""Files of one lecture."""
LONGEST = 1600
"""Pixels of a photograph's longer side; it is drawn anew, so that place and time of the camera are gone."""
FACES = "个人信息保护法第二十五条、第二十六条"


class LectureFileKind(enum.StrEnum):
    """What it is."""

    MATERIAL = "material"
    PHOTOGRAPH = "photograph"

    @property
    def label(self) -> str:
        """The Chinese word."""
        return {"material": "资料", "photograph": "照片"}[self.value]


class LectureFile(PublicId, Base):
    """One paper or photograph."""

    __tablename__ = "lecture_file"
    __table_args__ = (
        Index("ix_lecture_file_of", "lecture_id", "kind"),
        CheckConstraint("name <> ''", name="said_in_words"),
    )

    lecture_id: Mapped[int] = mapped_column(ForeignKey("lecture.id"))
    kind: Mapped[LectureFileKind] = mapped_column(choice(LectureFileKind))
    name: Mapped[str] = mapped_column(String(80))
    """What it is called, or what is to be seen."""
    file: Mapped[str] = mapped_column(String(64))
    mime: Mapped[str] = mapped_column(String(80))
    extension: Mapped[str] = mapped_column(String(8))
    size: Mapped[int] = mapped_column(Integer)
    shown: Mapped[bool] = mapped_column(default=True)
    """A photograph is shown only when whoever can be recognised in it agreed; otherwise it is kept for the records."""
    made_at: Mapped[datetime]

    lecture: Mapped[Lecture] = relationship()

    @property
    def data(self) -> bytes:
        """The file itself."""
        return files.read(self.file)

    @property
    def kilobytes(self) -> int:
        """How large, for who pays by the megabyte."""
        return max(1, round(self.size / 1024))


@act(by=ours("lecture.keep_file"), label="", say="放上讲堂资料：{name}", of=Lecture)
def add_material(lecture: Lecture, officer: Officer, data: bytes, name: str) -> LectureFile:
    """A paper, a film or a recording for whoever was there or could not come."""
    words = _room(lecture, name, "资料叫什么")
    mime, extension = files.admitted(data, only=("pdf", "docx", "mp3", "mp4", "jpg", "png"))
    return _keep(lecture, LectureFileKind.MATERIAL, words, data, mime, extension, shown=True)


@act(by=ours("lecture.keep_file"), label="", say="放上讲堂照片，{how}", of=Lecture)
def add_photograph(lecture: Lecture, officer: Officer, data: bytes, caption: str, *, agreed: bool) -> LectureFile:
    """A photograph; shown to everybody only when the officer says that whoever can be recognised in it agreed."""
    words = _room(lecture, caption, "照片里是什么")
    files.admitted(data, only=files.IMAGES)
    drawn, mime = files.redrawn(data, longest=LONGEST)
    extension = "png" if mime == "image/png" else "jpg"
    note(how="公开，认得出的人都同意" if agreed else "只留档，不公开")
    return _keep(lecture, LectureFileKind.PHOTOGRAPH, words, drawn, mime, extension, shown=agreed)


@act(by=ours("lecture.keep_file"), label="", say="删去讲堂的{kind_words}：{name}", of=Lecture)
def drop_file(lecture: Lecture, officer: Officer, one: LectureFile) -> None:
    """Gone for good, and from the disk once this is committed: somebody in the picture may ask for it at any time."""
    note(kind_words=one.kind.label, name=one.name if one.kind == LectureFileKind.MATERIAL else "一张")
    if one.kind == LectureFileKind.PHOTOGRAPH:
        Work.want("forget_photograph", {"file": one.file})
    db.session.delete(one)
    db.session.flush()


def forget_unused(name: str) -> bool:
    """Take a photograph off the disk when no lecture and no article has it any more; whether it went."""
    used = [select(table.id).where(table.file == name).exists() for table in (LectureFile, Picture)]
    return not db.session.scalar(select(or_(*used))) and files.forget(name)


def _room(lecture: Lecture, name: str, label: str) -> str:
    if lecture.stage not in (LectureStage.ANNOUNCED, LectureStage.HELD):
        raise OutOfTurn("讲堂预告以后才能放资料和照片。")
    words = as_received(name or "", field="name", most=80, least=0, label=label).strip()
    if not words:
        raise RuleUnmet(f"请写{label}。", {"name": f"请写{label}，看不见的人也靠它。"})
    if len(files_of(lecture)) >= MOST:
        raise RuleUnmet(f"一场讲堂最多{MOST}个文件。", {"file": f"最多{MOST}个。"})
    return words


def _keep(
    lecture: Lecture, kind: LectureFileKind, name: str, data: bytes, mime: str, extension: str, *, shown: bool
) -> LectureFile:
    made = LectureFile(
        lecture=lecture,
        kind=kind,
        name=name,
        file=files.keep(data),
        mime=mime,
        extension=extension,
        size=len(data),
        shown=shown,
        made_at=now(),
    )
    db.session.add(made)
    if kind == LectureFileKind.MATERIAL:
        note(name=name)
    return made


def files_of(lecture: Lecture, *, shown: bool = False) -> Sequence[LectureFile]:
    """Papers first, in the order in which they came; only what everybody may see when asked so."""
    query = select(LectureFile).where(LectureFile.lecture_id == lecture.id)
    if shown:
        query = query.where(LectureFile.shown)
    return db.session.scalars(query.order_by(LectureFile.kind, LectureFile.id)).all()


def file_of(lecture: Lecture, public_id: str) -> LectureFile | None:
    """One of them."""
    return db.session.scalar(
        select(LectureFile).where(LectureFile.lecture_id == lecture.id, LectureFile.public_id == public_id)
    )
