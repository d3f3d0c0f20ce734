"""What the page of addresses shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from warehouse.domain.accounts import Email, UnverifyReason
from warehouse.operations.emails import may_replace
from warehouse.operations.second_factors import lacks_factor
from warehouse.web.language import _, lazy
from warehouse.web.request import Request

TROUBLES = {
    UnverifyReason.SPAM_COMPLAINT.value: lazy("Mail to this address was reported as spam."),
    UnverifyReason.HARD_BOUNCE.value: lazy("Mail to this address could not be delivered."),
    UnverifyReason.SOFT_BOUNCE.value: lazy("Mail to this address failed too often."),
    UnverifyReason.DOMAIN_STATUS.value: lazy("The domain of this address is not in use any more."),
}


@dataclass(frozen=True)
class Address:
    """One address, and what can be done with it. ``trouble`` says why mail does not reach it."""

    id: int
    text: str
    is_primary: bool
    is_verified: bool
    is_public: bool
    trouble: str = ""
    may_be_primary: bool = False


@dataclass(frozen=True)
class EmailsPage:
    """The addresses: the primary one, then those that are verified, then by name."""

    addresses: tuple[Address, ...]
    typed: str = ""
    mistakes: Mapping[str, str] = field(default_factory=dict)
    may_replace: bool = False
    needs_factor: bool = False

    @property
    def shown(self) -> str:
        """The address that others see, empty when they see none."""
        return next((address.text for address in self.addresses if address.is_public), "")

    @property
    def to_show(self) -> list[tuple[str, list[tuple[str, str]]]]:
        """The addresses that others could see, and none."""
        verified = [(address.text, address.text) for address in self.addresses if address.is_verified]
        return [("", [("", _("None")), *verified])]


def emails_page(request: Request, *, typed: str = "", mistakes: Mapping[str, str] | None = None) -> EmailsPage:
    """The page of whoever is signed in."""
    user = request.user
    assert user is not None
    needs_factor = lacks_factor(request.work, user)
    ordered = sorted(user.emails, key=lambda one: (not one.is_primary, not one.is_verified, one.address.lower()))
    return EmailsPage(
        tuple(_shown(email, needs_factor) for email in ordered),
        typed,
        mistakes or {},
        may_replace=may_replace(request.work, user),
        needs_factor=needs_factor,
    )


def _shown(email: Email, needs_factor: bool) -> Address:
    trouble = str(TROUBLES.get(email.unverify_reason or "", ""))
    if not trouble and email.transient_bounces:
        trouble = _("Mail to this address fails now and then.")
    return Address(
        email.id,
        email.address,
        email.is_primary,
        email.is_verified,
        email.is_public,
        trouble,
        may_be_primary=email.is_verified and not email.is_primary and not needs_factor,
    )
