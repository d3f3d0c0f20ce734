"""What happened, in the words of the account's owner."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from warehouse.operations.history import Happened
from warehouse.web.rendering import TRANSLATIONS

_ = TRANSLATIONS.gettext

LONGEST_FACT = 200


class Kind(NamedTuple):
    """Events that people look for together, by how their tags begin."""

    name: str
    label: str
    beginnings: tuple[str, ...]


KINDS = (
    Kind("sign-in", _("Signing in"), ("account:login:", "account:reauthenticate:")),
    Kind("password", _("Password"), ("account:password:",)),
    Kind("second-factors", _("Second factors"), ("account:two_factor:", "account:recovery_codes:")),
    Kind("email", _("E-mail"), ("account:email:",)),
    Kind("tokens", _("API tokens"), ("account:api_token:",)),
    Kind("projects", _("Projects"), ("account:role:",)),
    Kind("linked-accounts", _("Linked accounts"), ("account:association:", "account:group_roles:")),
)

LABELS: Mapping[str, str] = {
    "account:administrator": _("Became the first administrator"),
    "account:api_token:added": _("API token made"),
    "account:api_token:removed": _("API token revoked"),
    "account:api_token:removed_leak": _("API token revoked because it was found in public"),
    "account:association:add": _("Account elsewhere linked"),
    "account:association:remove": _("Account elsewhere unlinked"),
    "account:create": _("Account opened"),
    "account:delete": _("Account deleted"),
    "account:email:add": _("E-mail address added"),
    "account:email:primary:change": _("Primary e-mail address changed"),
    "account:email:remove": _("E-mail address removed"),
    "account:email:reverify": _("Verification mail sent again"),
    "account:email:sent": _("Mail sent to you"),
    "account:email:unverified": _("E-mail address not verified any more"),
    "account:email:verified": _("E-mail address verified"),
    "account:freeze": _("Account frozen"),
    "account:group_roles:change": _("Roles from your groups changed"),
    "account:login:failure": _("Signing in failed"),
    "account:login:new_device": _("Signing in from an unknown network address"),
    "account:login:success": _("Signed in"),
    "account:password:change": _("Password changed"),
    "account:password:disabled": _("Password taken away"),
    "account:password:reset": _("Password reset"),
    "account:password:reset:attempt": _("Password reset tried"),
    "account:password:reset:request": _("Password reset asked for"),
    "account:password:set": _("Password set by those who run the index"),
    "account:profile:change": _("Profile changed"),
    "account:reauthenticate:failure": _("Wrong password where it was asked for again"),
    "account:recovery:cancel": _("Recovery of the account called off"),
    "account:recovery:complete": _("Account recovered by those who run the index"),
    "account:recovery:start": _("Recovery of the account begun by those who run the index"),
    "account:recovery_codes:generated": _("Recovery codes generated"),
    "account:recovery_codes:regenerated": _("Recovery codes generated anew"),
    "account:recovery_codes:used": _("Recovery code used"),
    "account:role:add": _("Role in a project given"),
    "account:role:change": _("Role in a project changed"),
    "account:role:remove": _("Role in a project taken away"),
    "account:staff_restriction:change": _("Something was forbidden, or permitted again, by those who run the index"),
    "account:staff_role:change": _("Part in running the index changed"),
    "account:two_factor:device_remembered": _("Browser remembered: it needs no second factor for a while"),
    "account:two_factor:method_added": _("Second factor added"),
    "account:two_factor:method_removed": _("Second factor removed"),
    "account:two_factor:reset": _("Second factors reset by those who run the index"),
    "account:unfreeze": _("Account no longer frozen"),
}

# What is worth reading beside the label, in this order; the rest is in the exported file.
TOLD = (
    "description",
    "email",
    "new_primary",
    "to",
    "subject",
    "service",
    "external_username",
    "two_factor_method",
    "method",
    "two_factor_label",
    "label",
    "project_name",
    "role_name",
    "staff_role",
    "what",
    "issuer",
    "reason",
)

FACTORS: Mapping[str, str] = {"totp": _("authentication app"), "webauthn": _("security key")}

REASONS: Mapping[str, str] = {
    "invalid_password": _("wrong password"),
    "invalid_totp": _("wrong code"),
    "invalid_webauthn": _("security key not accepted"),
    "invalid_recovery_code": _("wrong recovery code"),
    "burned_recovery_code": _("recovery code that was used before"),
    "account_frozen": _("the account is frozen"),
    "not_in_groups": _("none of your groups may use this index"),
    "shut_out": _("the password has to be reset first"),
    "compromised": _("it is in lists of stolen passwords"),
    "administrator": _("by those who run the index"),
    "hard bounce": _("mail to it came back"),
    "soft bounce": _("mail to it came back again and again"),
    "spam complaint": _("mail to it was reported as spam"),
    "domain status invalid": _("its domain seems to be nobody's any more"),
}

WAYS_IN: Mapping[str, str] = {
    "password": _("with the password"),
    "totp": _("with a code"),
    "webauthn": _("with a security key"),
    "recovery-code": _("with a recovery code"),
    "remembered-device": _("with a remembered browser"),
    "registration": _("at registration"),
    "email-confirmation": _("by a link in a mail"),
}

# Only what is one of our own words: a token may be called "password".
WORDS: Mapping[str, Mapping[str, str]] = {"method": FACTORS, "reason": REASONS, "two_factor_method": WAYS_IN}


def label_of(happened: Happened) -> str:
    """What happened; the tag itself where this page knows no words for it."""
    return LABELS.get(happened.tag, happened.tag)


def facts_of(happened: Happened) -> Iterator[str]:
    """A few words about it: which token, which address, with what."""
    details = happened.details
    for name in TOLD:
        value = details.get(name)
        if isinstance(value, str) and value:
            yield _in_words(name, value)[:LONGEST_FACT]
    yield from _projects(details)


def _in_words(name: str, value: str) -> str:
    kind, _colon, issuer = value.partition(":")
    if name == "two_factor_method" and kind == "sso":
        return _("by single sign-on (%(issuer)s)") % {"issuer": issuer}
    return WORDS.get(name, {}).get(value, value)


def _projects(details: Mapping[str, Any]) -> Iterator[str]:
    """The projects of a token, out of its caveats."""
    caveats = details.get("caveats")
    for caveat in caveats if isinstance(caveats, list) else []:
        match caveat:
            case [1, list(names)]:
                yield ", ".join(map(str, names))[:LONGEST_FACT]
