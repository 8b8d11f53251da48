"""WeChat's access token of each account, shared by all processes and fetched by one at a time."""

from datetime import datetime

from sqlalchemy import LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from models.kernel.base import Base


class WireToken(Base):
    """One account's token, sealed, and the lease of who fetches the next one; all on the wall's clock."""

    __tablename__ = "wire_token"

    appid: Mapped[str] = mapped_column(String(32), unique=True)
    sealed_token: Mapped[bytes | None] = mapped_column(LargeBinary)
    expires_at: Mapped[datetime | None]
    lease_until: Mapped[datetime | None]
    lease_owner: Mapped[str] = mapped_column(String(64), default="")
