"""People: users, their addresses, how they prove who they are, and where they are signed in."""

from warehouse.domain.accounts.group_roles import GroupRole
from warehouse.domain.accounts.mail import MailEvent, SentMail
from warehouse.domain.accounts.people import (
    Association,
    BannedAddress,
    Invitation,
    ProhibitedDomain,
    ProhibitedUsername,
    TermsEngagement,
)
from warehouse.domain.accounts.queries import (
    any_administrator,
    has_second_factor,
    has_verified_email,
    is_banned,
    secured_users,
    user_named,
    usernames_beginning,
)
from warehouse.domain.accounts.recoveries import AccountRecovery
from warehouse.domain.accounts.second_factors import RecoveryCode, SecurityKey, hold_factors
from warehouse.domain.accounts.sessions import Device, UserSession
from warehouse.domain.accounts.users import DisabledFor, Email, UnverifyReason, User

__all__ = [
    "AccountRecovery",
    "Association",
    "BannedAddress",
    "Device",
    "DisabledFor",
    "Email",
    "GroupRole",
    "Invitation",
    "MailEvent",
    "ProhibitedDomain",
    "ProhibitedUsername",
    "RecoveryCode",
    "SecurityKey",
    "SentMail",
    "TermsEngagement",
    "UnverifyReason",
    "User",
    "UserSession",
    "any_administrator",
    "has_second_factor",
    "has_verified_email",
    "hold_factors",
    "is_banned",
    "secured_users",
    "user_named",
    "usernames_beginning",
]
