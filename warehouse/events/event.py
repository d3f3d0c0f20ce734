"""An event, and telling it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

from warehouse.domain import audit, journal
from warehouse.domain.accounts import BannedAddress, Invitation, ProhibitedDomain, ProhibitedUsername, User
from warehouse.domain.journal import Change
from warehouse.domain.packaging import Namespace, Project
from warehouse.domain.packaging.collaborations import names_of_projects_of
from warehouse.domain.site import FlagName
from warehouse.domain.site.mirror import refuse_on_a_mirror
from warehouse.events.mail import Letter, write
from warehouse.work import Work


@dataclass(frozen=True)
class Event(ABC):
    """Something that happened. Subclasses say which audit tag it has and, if clients must know, which change."""

    tag: ClassVar[str]
    change: ClassVar[Change | None] = None

    @abstractmethod
    def about(self) -> Any:
        """The project, user, namespace or switch in whose history it is shown."""

    def changed(self) -> Iterable[Any]:
        """The projects whose pages say something else now: each gets an entry when there is a change."""
        return (self.about(),)

    def action(self) -> str:
        """The journal's text, in the vocabulary that mirrors know; only asked for when there is a change."""
        return self.tag

    def version(self) -> str | None:
        """The version the journal entry names, if any."""
        return None

    def details(self) -> dict[str, Any]:
        """What else the audit trail keeps."""
        return {}

    def also_about(self) -> Iterable[tuple[Any, str, dict[str, Any]]]:
        """In whose history it is shown, too, under which tag, and with which details."""
        return ()

    def seen(self) -> Iterable[User]:
        """Who is shown otherwise now: by another name or picture, for the first time, or no more."""
        return ()

    def told(self) -> Iterable[Letter]:
        """Who is written to."""
        return ()


def tell(work: Work, event: Event) -> None:
    """Write the event down where it must be heard of, in the work's own transaction.

    On a mirror nothing may happen that readers of the index see: refuses with :class:`NotAllowed`.
    """
    for subject, tag, details in ((event.about(), event.tag, event.details()), *event.also_about()):
        audit.record(
            work.db,
            subject_of(subject),
            tag,
            at=work.now,
            actor=work.actor.name,
            address=audit.kept_address(work.tools, work.actor.address),
            user_agent=work.actor.user_agent,
            details=details,
        )
    for letter in event.told():
        write(work, letter)
    for person in event.seen():
        journal.look_again(work, names_of_projects_of(work.db, person.id), people=[person.username])
    if event.change is None:
        return
    refuse_on_a_mirror(work.db)
    for project in event.changed():
        journal.add(
            work.db,
            event.change,
            event.action(),
            project=project.name,
            normalized_name=project.normalized_name,
            version=event.version(),
            submitted_by=work.actor.username or None,
        )


def subject_of(thing: Any) -> str:
    """How the audit trail names a thing."""
    if isinstance(thing, FlagName | BannedAddress | Invitation | ProhibitedDomain | ProhibitedUsername):
        return "site"
    if isinstance(thing, Namespace):
        return f"namespace:{thing.name}"
    return f"project:{thing.id}" if isinstance(thing, Project) else f"account:{thing.id}"
