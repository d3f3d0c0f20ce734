"""API tokens: macaroons that let a script act for a user, within limits."""

from warehouse.domain.tokens.tokens import Token

__all__ = ["Token"]
