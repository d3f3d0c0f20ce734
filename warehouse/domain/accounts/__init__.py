"""People: users and their e-mail addresses."""

from warehouse.domain.accounts.queries import any_administrator, has_verified_email, user_named
from warehouse.domain.accounts.users import Email, User

__all__ = ["Email", "User", "any_administrator", "has_verified_email", "user_named"]
