"""The table of roles that people have because of their groups at an issuer of single sign-on."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import DateTime, ForeignKey, Text, func
from sqlalchemy.orm import Mapped, mapped_column

from warehouse.infra.db import Base


class GroupRole(Base):
    """A role that a group gave, and that goes with it; what people gave is not here.

    ``role`` is written as in the settings (``moderator``, ``project:demo:Owner``); ``instead_of`` is the role that the
    user had in the project before, which comes back.
    """

    __tablename__ = "group_roles"

    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    issuer: Mapped[str] = mapped_column(Text, primary_key=True)
    role: Mapped[str] = mapped_column(Text, primary_key=True)
    instead_of: Mapped[str | None] = mapped_column(Text)
    given_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
