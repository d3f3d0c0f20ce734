"""Refusals: what the index answers when it will not do something, with a stable code and a sentence."""

from __future__ import annotations

from collections.abc import Mapping


class Refusal(Exception):
    """The index declines: a normal outcome, never a bug and never logged as one.

    ``code`` is stable and meant for programs, the message is one sentence meant for a person and says what to
    do when there is something to do. Doors (``web``, ``api``, ``cli``) turn each kind into an answer once.
    """

    status = 400

    def __init__(self, sentence: str, *, code: str | None = None) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.code = code or type(self).__name__.lower()


class Invalid(Refusal):
    """What was sent breaks a rule (400)."""

    status = 400


class Mistakes(Invalid):
    """Several fields break rules (400); ``by_field`` has a sentence for each, the empty name for what is about none."""

    def __init__(self, by_field: Mapping[str, str]) -> None:
        super().__init__(" ".join(by_field.values()), code="mistakes")
        self.by_field = dict(by_field)


class NotAuthenticated(Refusal):
    """Nobody vouches for the caller, and somebody must (401)."""

    status = 401


class NotAllowed(Refusal):
    """The caller is known, or need not be, and may not do this (403)."""

    status = 403


class NotFound(Refusal):
    """There is no such thing, or the caller may not know of it (404)."""

    status = 404


class Conflict(Refusal):
    """It collides with something that exists (409)."""

    status = 409


class Gone(Refusal):
    """This existed once and will not come back (410)."""

    status = 410


class TooLarge(Refusal):
    """More bytes than the index takes in one request (413)."""

    status = 413


class TooMany(Refusal):
    """Too often in too short a time (429); ``retry_after`` is in seconds."""

    status = 429

    def __init__(self, sentence: str, *, retry_after: int, code: str | None = None) -> None:
        super().__init__(sentence, code=code)
        self.retry_after = retry_after


class Unavailable(Refusal):
    """The index cannot do it now and sheds the load (503); ``retry_after`` is in seconds."""

    status = 503

    def __init__(self, sentence: str, *, retry_after: int = 5, code: str | None = None) -> None:
        super().__init__(sentence, code=code)
        self.retry_after = retry_after
