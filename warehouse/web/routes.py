"""Every address of the web site."""

from __future__ import annotations

import re

ROUTES = {
    "home": "/",
    # Projects; what is more exact comes first.
    "project": "/project/{name}/",
    "project.dependents": "/project/{name}/dependents/",
    "project.statistics": "/project/{name}/statistics/",
    "project.compare": "/project/{name}/compare/",
    "project.comparison": "/project/{name}/compare/{old}...{new}/",
    "project.comparison.file": "/project/{name}/compare/{old}...{new}/{path:.+}",
    "project.card": "/project/{name}/card.png",
    "release": "/project/{name}/{version}/",
    "file": "/project/{name}/{version}/files/{filename}/",
    "contents": "/project/{name}/{version}/files/{filename}/contents/",
    "contents.member": "/project/{name}/{version}/files/{filename}/contents/{path:.+}",
    "search": "/search/",
    "search.suggestions": "/search/suggestions/",
    "api.search": "/api/search/",
    "classifiers": "/classifiers/",
    "help": "/help/",
    "security": "/security/",
    "sitemap": "/sitemap/",
    "locale": "/locale/",
    "components": "/_/components",
    "setup": "/setup/{key}",
    "publishing": "/legacy/",
    "publishing.former": "/pypi",
    "publishing.former.slash": "/pypi/",
    "stylesheet": "/static/{digest}/site.css",
    "script": "/static/{digest}/{name}.js",
    "favicon": "/favicon.ico",
    "stats": "/stats/",
    "health": "/_health/",
    "ready": "/_ready/",
    "metrics": "/metrics",
    # Before somebody is signed in.
    "account.register": "/account/register/",
    "account.invitation": "/account/invitation/",
    "account.sign_in": "/account/login/",
    "account.two_factor": "/account/two-factor/",
    "account.security_key.options": "/account/webauthn-authenticate/options",
    "account.security_key.validate": "/account/webauthn-authenticate/validate",
    "account.recovery_code": "/account/recovery-code/",
    "account.confirm_login": "/account/confirm-login/",
    "account.sign_out": "/account/logout/",
    "account.reauthenticate": "/account/reauthenticate/",
    "account.request_password_reset": "/account/request-password-reset/",
    "account.reset_password": "/account/reset-password/",
    "account.verify_email": "/account/verify-email/",
    "account.terms": "/account/view-terms-of-service/",
    "account.sign_on.begin": "/account/sso/{issuer}/",
    "account.sign_on.callback": "/account/sso/{issuer}/callback",
    # One's own account.
    "manage.account": "/manage/account/",
    "manage.account.profile": "/manage/account/profile/",
    "manage.account.preferences": "/manage/account/preferences/",
    "manage.emails": "/manage/account/emails/",
    "manage.emails.add": "/manage/account/emails/add/",
    "manage.emails.remove": "/manage/account/emails/{id:\\d+}/remove/",
    "manage.emails.make_primary": "/manage/account/emails/{id:\\d+}/make-primary/",
    "manage.emails.verify": "/manage/account/emails/{id:\\d+}/verify/",
    "manage.emails.make_public": "/manage/account/emails/make-public/",
    "manage.unverified_account": "/manage/unverified-account/",
    "manage.unverified_account.replace": "/manage/unverified-account/replace/",
    "manage.password": "/manage/account/password/",
    "manage.two_factor": "/manage/account/two-factor/",
    "manage.totp": "/manage/account/totp-provision/",
    "manage.totp.image": "/manage/account/totp-provision/image",
    "manage.totp.remove": "/manage/account/totp-provision/remove/",
    "manage.security_key": "/manage/account/webauthn-provision/",
    "manage.security_key.options": "/manage/account/webauthn-provision/options",
    "manage.security_key.validate": "/manage/account/webauthn-provision/validate",
    "manage.security_key.remove": "/manage/account/webauthn-provision/{id}/remove/",
    "manage.recovery_codes.generate": "/manage/account/recovery-codes/generate",
    "manage.recovery_codes.regenerate": "/manage/account/recovery-codes/regenerate",
    "manage.recovery_codes.burn": "/manage/account/recovery-codes/burn",
    "manage.tokens": "/manage/account/token/",
    "manage.tokens.revoke": "/manage/account/token/{id}/revoke/",
    "manage.sessions": "/manage/account/sessions/",
    "manage.sessions.end": "/manage/account/sessions/{id}/end/",
    "manage.sessions.end_others": "/manage/account/sessions/end-others/",
    "manage.history": "/manage/account/history/",
    "manage.history.export": "/manage/account/history/export.{format:json|csv}",
    "manage.export": "/manage/account/export.json",
    "manage.associations": "/manage/account/associations/",
    "manage.associations.connect": "/manage/account/associations/{service}/connect",
    "manage.associations.callback": "/manage/account/associations/{service}/callback",
    "manage.associations.remove": "/manage/account/associations/{id}/remove/",
    "manage.invitations": "/manage/account/invitations/",
    "manage.invitations.revoke": "/manage/account/invitations/{id}/revoke/",
    "manage.delete": "/manage/account/delete/",
    "manage.projects": "/manage/projects/",
    # People, as others see them.
    "profile": "/user/{username}/",
    "profile.short": "/u/{username}/",
    "avatar": "/avatar/{name}.svg",
    "accounts.search": "/accounts/search/",
    "two_factor.former": "/2fa/",
    # What pages for everybody leave to a script to ask for.
    "fragment.user": "/_includes/authed/current-user-indicator/",
    "fragment.flashes": "/_includes/unauthed/flash-messages/",
    "fragment.project": "/_includes/authed/edit-project-button/{name}",
    "fragment.profile_actions": "/_includes/authed/profile-actions/{username}",
    "fragment.profile_callout": "/_includes/authed/current-user-profile-callout/{username}",
    "fragment.profile_email": "/_includes/authed/profile-public-email/{username}",
    # What other machines tell us.
    "ses_hook": "/_/ses-hook/",
    "leaks": "/_/secrets/disclose-token",
    "leaks.former": "/_/github/disclose-token",
    "vulnerabilities": "/_/vulnerabilities/osv/report",
}

# Pages that hold nothing of who asks for them.
SHARED = frozenset(
    {
        "home",
        "project",
        "project.dependents",
        "project.statistics",
        "release",
        "file",
        "classifiers",
        "help",
        "security",
        "sitemap",
        "stats",
        "profile",
    }
)

# Their addresses are credentials: nobody keeps or passes on what is there.
SECRET = frozenset(
    {
        "setup",
        "account.invitation",
        "account.two_factor",
        "account.recovery_code",
        "account.security_key.options",
        "account.security_key.validate",
        "account.confirm_login",
        "account.reset_password",
        "account.verify_email",
        "account.sign_on.callback",
        "manage.associations.callback",
    }
)


def paths_of(route: str) -> re.Pattern[str]:
    """What matches the paths of a route."""
    parts = re.split(r"(\{\w+\})", ROUTES[route])
    return re.compile("".join("[^/]+" if part.startswith("{") else re.escape(part) for part in parts))


WITH_A_SLASH = tuple(
    paths_of(route) for route, pattern in ROUTES.items() if pattern.endswith("/") and ":" not in pattern
)
"""What matches the paths that end in a slash."""
