"""What happened, in the words of the account's owner."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from warehouse.operations.history import Happened
from warehouse.web.language import Lazy, _, lazy

LONGEST_FACT = 200


class Kind(NamedTuple):
    """Events that people look for together, by how their tags begin."""

    name: str
    label: Lazy
    beginnings: tuple[str, ...]


KINDS = (
    Kind("sign-in", lazy("Signing in"), ("account:login:", "account:reauthenticate:")),
    Kind("password", lazy("Password"), ("account:password:",)),
    Kind("second-factors", lazy("Second factors"), ("account:two_factor:", "account:recovery_codes:")),
    Kind("email", lazy("E-mail"), ("account:email:",)),
    Kind("tokens", lazy("API tokens"), ("account:api_token:",)),
    Kind("projects", lazy("Projects"), ("account:role:",)),
    Kind("linked-accounts", lazy("Linked accounts"), ("account:association:", "account:group_roles:")),
)

LABELS: Mapping[str, Lazy] = {
    "account:administrator": lazy("Became the first administrator"),
    "account:api_token:added": lazy("API token made"),
    "account:api_token:removed": lazy("API token revoked"),
    "account:api_token:removed_leak": lazy("API token revoked because it was found in public"),
    "account:association:add": lazy("Account elsewhere linked"),
    "account:association:remove": lazy("Account elsewhere unlinked"),
    "account:create": lazy("Account opened"),
    "account:delete": lazy("Account deleted"),
    "account:email:add": lazy("E-mail address added"),
    "account:email:primary:change": lazy("Primary e-mail address changed"),
    "account:email:remove": lazy("E-mail address removed"),
    "account:email:reverify": lazy("Verification mail sent again"),
    "account:email:sent": lazy("Mail sent to you"),
    "account:email:unverified": lazy("E-mail address not verified any more"),
    "account:email:verified": lazy("E-mail address verified"),
    "account:freeze": lazy("Account frozen"),
    "account:group_roles:change": lazy("Roles from your groups changed"),
    "account:login:failure": lazy("Signing in failed"),
    "account:login:new_device": lazy("Signing in from an unknown network address"),
    "account:login:success": lazy("Signed in"),
    "account:password:change": lazy("Password changed"),
    "account:password:disabled": lazy("Password taken away"),
    "account:password:reset": lazy("Password reset"),
    "account:password:reset:attempt": lazy("Password reset tried"),
    "account:password:reset:request": lazy("Password reset asked for"),
    "account:password:set": lazy("Password set by those who run the index"),
    "account:profile:change": lazy("Profile changed"),
    "account:reauthenticate:failure": lazy("Wrong password where it was asked for again"),
    "account:recovery:cancel": lazy("Recovery of the account called off"),
    "account:recovery:complete": lazy("Account recovered by those who run the index"),
    "account:recovery:start": lazy("Recovery of the account begun by those who run the index"),
    "account:recovery_codes:generated": lazy("Recovery codes generated"),
    "account:recovery_codes:regenerated": lazy("Recovery codes generated anew"),
    "account:recovery_codes:used": lazy("Recovery code used"),
    "account:role:add": lazy("Role in a project given"),
    "account:role:change": lazy("Role in a project changed"),
    "account:role:remove": lazy("Role in a project taken away"),
    "account:staff_restriction:change": lazy("Something was forbidden, or permitted again, by those who run the index"),
    "account:staff_role:change": lazy("Part in running the index changed"),
    "account:two_factor:device_remembered": lazy("Browser remembered: it needs no second factor for a while"),
    "account:two_factor:method_added": lazy("Second factor added"),
    "account:two_factor:method_removed": lazy("Second factor removed"),
    "account:two_factor:reset": lazy("Second factors reset by those who run the index"),
    "account:unfreeze": lazy("Account no longer frozen"),
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

FACTORS: Mapping[str, Lazy] = {"totp": lazy("authentication app"), "webauthn": lazy("security key")}

REASONS: Mapping[str, Lazy] = {
    "invalid_password": lazy("wrong password"),
    "invalid_totp": lazy("wrong code"),
    "invalid_webauthn": lazy("security key not accepted"),
    "invalid_recovery_code": lazy("wrong recovery code"),
    "burned_recovery_code": lazy("recovery code that was used before"),
    "account_frozen": lazy("the account is frozen"),
    "not_in_groups": lazy("none of your groups may use this index"),
    "shut_out": lazy("the password has to be reset first"),
    "compromised": lazy("it is in lists of stolen passwords"),
    "administrator": lazy("by those who run the index"),
    "hard bounce": lazy("mail to it came back"),
    "soft bounce": lazy("mail to it came back again and again"),
    "spam complaint": lazy("mail to it was reported as spam"),
    "domain status invalid": lazy("its domain seems to be nobody's any more"),
}

WAYS_IN: Mapping[str, Lazy] = {
    "password": lazy("with the password"),
    "totp": lazy("with a code"),
    "webauthn": lazy("with a security key"),
    "recovery-code": lazy("with a recovery code"),
    "remembered-device": lazy("with a remembered browser"),
    "registration": lazy("at registration"),
    "email-confirmation": lazy("by a link in a mail"),
}

# Only what is one of our own words: a token may be called "password".
WORDS: Mapping[str, Mapping[str, Lazy]] = {"method": FACTORS, "reason": REASONS, "two_factor_method": WAYS_IN}


def label_of(happened: Happened) -> str:
    """What happened; the tag itself where this page knows no words for it."""
    return str(LABELS.get(happened.tag, happened.tag))


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
    return str(WORDS.get(name, {}).get(value, value))


def _projects(details: Mapping[str, Any]) -> Iterator[str]:
    """The projects of a token, out of its caveats."""
    caveats = details.get("caveats")
    for caveat in caveats if isinstance(caveats, list) else []:
        match caveat:
            case [1, list(names)]:
                yield ", ".join(map(str, names))[:LONGEST_FACT]
