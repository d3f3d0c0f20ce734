"""The faults that a call may end with. They are answers: HTTP says 200."""

from __future__ import annotations

from collections.abc import Sequence

UNREADABLE = -32700
UNKNOWN_METHOD = -32601
WRONG_ARGUMENTS = -32602
APPLICATION = -32500


class Fault(Exception):
    """A call that is not answered, with the code and the text that clients are told."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(text)
        self.code = code
        self.text = text


def unreadable(problem: str) -> Fault:
    """The body is no call."""
    return Fault(UNREADABLE, f"parse error; {problem}")


def unknown_method() -> Fault:
    """There is no such method. The text is what clients of the public index know."""
    return Fault(UNKNOWN_METHOD, "server error; requested method not found")


def wrong_arguments(problems: Sequence[str]) -> Fault:
    """The arguments are not those that the method takes."""
    return Fault(WRONG_ARGUMENTS, f"client error; {'; '.join(problems)}")


def refused(exception: str, sentence: str) -> Fault:
    """The method will not do it; clients tell refusals apart by the name of an exception."""
    return Fault(APPLICATION, f"{exception}: {sentence}")


def too_many(seconds: int) -> Fault:
    """The address has called too often."""
    return refused(
        "HTTPTooManyRequests", f"Too many calls from this address. The limit will reset in {seconds} seconds."
    )


def application_error() -> Fault:
    """Something is wrong, on our side or in how we are asked."""
    return Fault(APPLICATION, "application error")
