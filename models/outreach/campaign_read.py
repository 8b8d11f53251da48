"""How often a campaign's page was opened: counted by day without asking who; people only where they are signed in anyway."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Date, ForeignKey, Integer, LargeBinary, UniqueConstraint, func, select
from sqlalchemy.orm import Mapped, mapped_column

from models.kernel.base import Base, db, insert_into
from models.kernel.clock import today
from models.kernel.trail import keyed
from models.outreach.campaign import Campaign
from models.people.resident import Resident


class CampaignDay(Base):
    """Openings on one day."""

    __tablename__ = "campaign_day"
    __table_args__ = (UniqueConstraint("campaign_id", "day"),)

    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"))
    day: Mapped[date] = mapped_column(Date)
    opened: Mapped[int] = mapped_column(Integer, default=0)


class CampaignReader(Base):
    """Somebody who was signed in opened it. The mark is keyed: whoever has the table alone cannot tell who it was."""

    __tablename__ = "campaign_reader"
    __table_args__ = (UniqueConstraint("campaign_id", "mark"),)

    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"))
    mark: Mapped[bytes] = mapped_column(LargeBinary(16))


@dataclass(frozen=True)
class Opened:
    """What can be said of reading."""

    times: int
    people: int
    """Different people among those who were signed in."""
    days: Sequence[tuple[date, int]]


def opened(campaign: Campaign, who: Resident | None) -> None:
    """Somebody opened the page from the message; no row of the campaign itself is touched."""
    row = insert_into(CampaignDay).values(campaign_id=campaign.id, day=today(), opened=1)
    db.session.execute(
        row.on_conflict_do_update(index_elements=["campaign_id", "day"], set_={"opened": CampaignDay.opened + 1})
    )
    if who is not None and not who.anonymous:
        mark = keyed("reader", f"{campaign.public_id}\0{who.current.public_id}".encode())[:16]
        reader = insert_into(CampaignReader).values(campaign_id=campaign.id, mark=mark)
        db.session.execute(reader.on_conflict_do_nothing())


def read_of(campaign: Campaign) -> Opened:
    """The openings so far, by day."""
    days = [
        (row.day, row.opened)
        for row in db.session.execute(
            select(CampaignDay.day, CampaignDay.opened)
            .where(CampaignDay.campaign_id == campaign.id)
            .order_by(CampaignDay.day)
        )
    ]
    people = db.session.scalar(
        select(func.count()).select_from(CampaignReader).where(CampaignReader.campaign_id == campaign.id)
    )
    return Opened(sum(number for _, number in days), people or 0, days)
