"""A receipt: eight digits that find a comment again, by telephone too, guarded by a PIN for who did not sign in."""

from functools import cache
from typing import Self, TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError
from sqlalchemy import CheckConstraint, ForeignKey, String, select
from sqlalchemy.orm import Mapped, mapped_column, relationship
from sqlalchemy.sql.dml import ReturningInsert

from models.comments.comment import Comment
from models.kernel.base import Base, db, engine_name, insert_into
from models.kernel.ids import new_pin, new_receipt, receipt_fits
from models.kernel.lock import Lockable
from models.proposals.proposal import Proposal
from models.questions.question import Question

R = TypeVar("R", bound="Receipt")
TRIES = 5
_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


class Receipt(Lockable, Base):
    """One receipt number: of a comment, of a text that waits to be placed, of a proposal, or of a question written down for somebody."""

    __tablename__ = "receipt"
    __table_args__ = (
        CheckConstraint(
            "comment_id IS NOT NULL OR unplaced_id IS NOT NULL OR proposal_id IS NOT NULL OR question_id IS NOT NULL",
            name="for_something",
        ),
    )

    number: Mapped[str] = mapped_column(String(8), unique=True)
    comment_id: Mapped[int | None] = mapped_column(ForeignKey("comment.id"), unique=True)
    unplaced_id: Mapped[int | None] = mapped_column(ForeignKey("unplaced.id"), unique=True)
    proposal_id: Mapped[int | None] = mapped_column(ForeignKey("proposal.id"), unique=True)
    question_id: Mapped[int | None] = mapped_column(ForeignKey("question.id"), unique=True)
    pin: Mapped[str | None] = mapped_column(String(200))
    """argon2id; none for people who signed in."""

    comment: Mapped[Comment | None] = relationship()
    proposal: Mapped[Proposal | None] = relationship()
    question: Mapped[Question | None] = relationship()

    @classmethod
    def give(
        cls,
        *,
        comment: Comment | None = None,
        unplaced_id: int | None = None,
        proposal: Proposal | None = None,
        question: Question | None = None,
    ) -> Self:
        """A number that nobody else has."""
        db.session.flush()
        whose = {
            "comment_id": comment.id if comment else None,
            "unplaced_id": unplaced_id,
            "proposal_id": proposal.id if proposal else None,
            "question_id": question.id if question else None,
        }
        for _ in range(20):
            made = db.session.scalar(_given(cls, engine_name()), {"number": new_receipt(), "failed": 0, **whose})
            if made is not None:
                return made
        raise RuntimeError("no free receipt number in twenty tries")

    def guard(self) -> str:
        """Put a PIN on it; returned once and stored nowhere in clear."""
        pin = new_pin()
        self.pin = _hasher.hash(pin)
        return pin

    @classmethod
    def find(cls, number: str) -> Self | None:
        """The receipt of this number; spaces and dashes do not matter."""
        plain = "".join(ch for ch in number if ch.isdigit())
        return db.session.scalar(select(cls).where(cls.number == plain)) if receipt_fits(plain) else None

    @classmethod
    def of(cls, comment: Comment) -> Self | None:
        """The receipt of a comment."""
        return db.session.scalar(select(cls).where(cls.comment_id == comment.id))

    @classmethod
    def of_proposal(cls, proposal: Proposal) -> Self | None:
        """The receipt of a proposal."""
        return db.session.scalar(select(cls).where(cls.proposal_id == proposal.id))

    @classmethod
    def of_question(cls, question: Question) -> Self | None:
        """The receipt of a question that was written down for somebody."""
        return db.session.scalar(select(cls).where(cls.question_id == question.id))

    @classmethod
    def open_with(cls, number: str, pin: str) -> "Receipt | None":
        """The receipt if the PIN is right; None otherwise, after the same work.

        Raises TooOften while it is locked: five wrong PINs, fifteen minutes.
        """
        found = cls.find(number)
        if found is None or found.pin is None:
            _fits(_NOBODY, pin)
            return None
        found.refuse_while_locked("密码错了太多次，请{minutes}分钟后再试，也可以打电话或到服务厅查询。")
        return found if found.try_secret(_fits(found.pin, pin), TRIES) else None


@cache
def _given(record: type[R], _engine: str) -> ReturningInsert[R]:
    """The statement of Receipt.give(), built once."""
    return insert_into(record).on_conflict_do_nothing(index_elements=["number"]).returning(record)


def _fits(stored: str, pin: str) -> bool:
    try:
        return _hasher.verify(stored, pin)
    except VerifyMismatchError:
        return False


# The hash of a PIN that no receipt has, at the same price as a real one.
_NOBODY = "$argon2id$v=19$m=19456,t=2,p=1$VnUL+rMOppLak+fCk9FZew$Bj8Y2zxkMJzNMDuR6CkEbarW4706yL0XapIadADNn3k"


def numbers(comment_ids: list[int]) -> dict[int, str]:
    """Receipt numbers of several comments at once."""
    rows = db.session.execute(select(Receipt.comment_id, Receipt.number).where(Receipt.comment_id.in_(comment_ids)))
    return {comment_id: number for comment_id, number in rows if comment_id is not None}


def numbers_of_proposals(proposal_ids: list[int]) -> dict[int, str]:
    """Receipt numbers of several proposals at once; nothing is asked for none."""
    if not proposal_ids:
        return {}
    rows = db.session.execute(select(Receipt.proposal_id, Receipt.number).where(Receipt.proposal_id.in_(proposal_ids)))
    return {proposal_id: number for proposal_id, number in rows if proposal_id is not None}
