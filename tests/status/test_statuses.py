"""PEP 792: what each of the four statuses does at every door, with and without a reason."""

from __future__ import annotations

import orjson
import pytest

from tests.builders import wheel
from tests.index import JSON, Index
from warehouse.domain.audit import AuditEvent
from warehouse.domain.packaging import ProjectStatus
from warehouse.errors import Conflict, Invalid, NotAllowed, NotFound
from warehouse.operations.accounts import find_user
from warehouse.operations.moderating_people import unfreeze
from warehouse.operations.projects import find_project, set_project_status
from warehouse.operations.reasons import LONGEST
from warehouse.work import OPERATOR, Actor

ACTIVE, ARCHIVED, QUARANTINED, DEPRECATED = (
    ProjectStatus.ACTIVE, ProjectStatus.ARCHIVED, ProjectStatus.QUARANTINED, ProjectStatus.DEPRECATED,
)  # fmt: skip

# PEP 792: "The index MUST NOT allow uploads" to archived and quarantined projects, and of those in quarantine it
# "MUST NOT offer any distributions for installation".
TAKES_UPLOADS = {ACTIVE, DEPRECATED}
OFFERS_FILES = {ACTIVE, ARCHIVED, DEPRECATED}

REASON = 'Use <demo2> & "be" happy'


@pytest.fixture
def demo(index):
    """An index with one wheel of a project of ada's, and the addresses of its page's file, which were asked for."""
    index.ada = index.user("ada")
    assert index.upload(wheel("Demo", "1.0"), by=index.ada).status == 200
    index.url = index.simple("demo")["files"][0]["url"]
    for path in (index.url, f"{index.url}.metadata", "/simple/demo/", "/simple/", "/pypi/demo/json"):
        assert index.get(path).status == 200
    return index


def set_status(
    index: Index, status: ProjectStatus, reason: str | None = None, *, actor: Actor = OPERATOR, name: str = "demo"
) -> None:
    with index.work(actor) as work:
        set_project_status(work, find_project(work, name), status, reason=reason)


def let_in(index: Index) -> None:
    """Quarantine freezes who has a role in the project."""
    with index.work() as work:
        unfreeze(work, find_user(work, "ada"))


def status_of(index: Index) -> tuple[int, str]:
    """Of an address that may lead nowhere."""
    try:
        answer = index.get(index.url)
    except NotFound as refusal:
        return 404, refusal.sentence
    return answer.status, ""


@pytest.mark.parametrize("reason", [None, REASON])
@pytest.mark.parametrize("status", ProjectStatus)
class TestEveryDoor:
    @pytest.fixture(autouse=True)
    def set(self, demo, status, reason):
        """Give the project the status after it was archived, so that active is a change, too."""
        set_status(demo, ARCHIVED, "for a while")
        set_status(demo, status, "" if reason is None else reason)

    def test_the_simple_page_says_it_in_json(self, demo, status, reason):
        page = demo.simple("demo")
        said = {"status": status.value} if reason is None else {"status": status.value, "reason": reason}
        assert page["project-status"] == said
        assert page["meta"]["api-version"] == "1.4"
        assert page["versions"] == (["1.0"] if status in OFFERS_FILES else [])
        assert [file["filename"] for file in page["files"]] == (
            [wheel("Demo", "1.0").filename] if status in OFFERS_FILES else []
        )

    def test_the_simple_page_says_it_in_html(self, demo, status, reason):
        page = demo.get("/simple/demo/", accept="text/html").body.decode()
        said = f'<meta name="pypi:project-status" content="{status.value}">'
        if reason is not None:
            escaped = "Use &lt;demo2&gt; &amp; &#34;be&#34; happy"
            said += f'<meta name="pypi:project-status-reason" content="{escaped}">'
        assert f"{said}    <title>" in page
        assert (reason is None) == ("status-reason" not in page)
        assert ("<a href" in page) == (status in OFFERS_FILES)

    def test_the_root_list_hides_only_what_is_in_quarantine(self, demo, status, reason):
        listed = orjson.loads(demo.get("/simple/", accept=JSON).body)["projects"]
        assert [project["name"] for project in listed] == ([] if status is QUARANTINED else ["Demo"])
        assert ("/simple/demo/" in demo.get("/simple/").body.decode()) == (status is not QUARANTINED)

    def test_the_json_api_hides_only_what_is_in_quarantine(self, demo, status, reason):
        for path in ("/pypi/demo/json", "/pypi/demo/1.0/json"):
            assert demo.get(path).status == (404 if status is QUARANTINED else 200)

    def test_files_and_their_metadata_are_served_unless_they_are_in_quarantine(self, demo, status, reason):
        for path in (demo.url, f"{demo.url}.metadata"):
            if status in OFFERS_FILES:
                assert demo.get(path).status == 200
            else:
                with pytest.raises(NotFound):
                    demo.get(path)

    def test_uploads_are_taken_by_what_is_not_at_rest(self, demo, status, reason):
        let_in(demo)
        answer = demo.upload(wheel("demo", "1.1"), by=demo.ada)
        if status in TAKES_UPLOADS:
            assert answer.status == 200
        else:
            sentence = f"The project 'Demo' is {status.value} and takes no new files."
            assert (answer.status, answer.reason) == (403, sentence)


def test_what_leaves_quarantine_is_back_everywhere(demo):
    before = demo.simple("demo")["files"]
    set_status(demo, QUARANTINED, "malware")
    assert status_of(demo) == (404, "There is no such file.")
    set_status(demo, ACTIVE)
    assert status_of(demo)[0] == 200
    assert demo.simple("demo")["files"] == before
    assert demo.simple("demo")["project-status"] == {"status": "active"}
    assert demo.get("/pypi/demo/json").status == 200
    assert demo.upload(wheel("demo", "1.1"), by=demo.ada).status == 403, "quarantine froze ada"
    let_in(demo)
    assert demo.upload(wheel("demo", "1.1"), by=demo.ada).status == 200


def test_the_journal_speaks_of_quarantine_in_the_words_that_mirrors_know(demo):
    before = len(demo.journal())
    for status in (QUARANTINED, ACTIVE, ARCHIVED, DEPRECATED, ACTIVE, ARCHIVED, ACTIVE):
        set_status(demo, status)
    assert demo.journal()[before:] == [
        "project quarantined",
        "project quarantine cleared",
        "project archived",
        "project deprecated",
        "project undeprecated",
        "project archived",
        "project unarchived",
    ]


def test_the_audit_trail_keeps_who_did_what_and_why(demo):
    set_status(demo, ARCHIVED, "finished", actor=demo.actor(demo.ada))
    set_status(demo, ARCHIVED, "finished well", actor=demo.actor(demo.ada))
    set_status(demo, QUARANTINED)
    with demo.work() as work:
        about = AuditEvent.subject.startswith("project:")
        events = work.db.query(AuditEvent).filter(about).order_by(AuditEvent.id.desc()).limit(3).all()[::-1]
    assert [(event.tag, event.actor, event.details) for event in events] == [
        ("project:archive:enter", "ada", {"status": "archived", "reason": "finished"}),
        ("project:status:reason", "ada", {"status": "archived", "reason": "finished well"}),
        ("project:quarantine:enter", "operator", {"status": "quarantined", "reason": None}),
    ]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (None, "first"),
        ("first", "first"),
        ("second", "second"),
        ("  second ", "second"),
        ("", None),
        (" \n ", None),
    ],
)
def test_the_same_status_again_keeps_the_reason_or_takes_the_new_one(demo, given, said):
    set_status(demo, ARCHIVED, "first")
    entries = len(demo.journal())
    set_status(demo, ARCHIVED, given)
    assert demo.simple("demo")["project-status"].get("reason") == said
    assert demo.journal()[entries:] == ([] if said == "first" else ["project status explained"])


def test_another_status_has_another_reason_or_none(demo):
    set_status(demo, ARCHIVED, "first")
    set_status(demo, DEPRECATED)
    assert demo.simple("demo")["project-status"] == {"status": "deprecated"}


@pytest.mark.parametrize("status", [ARCHIVED, DEPRECATED])
def test_quarantine_ends_by_being_cleared_and_not_by_another_status(demo, status):
    set_status(demo, QUARANTINED, "malware")
    with pytest.raises(Conflict) as refusal:
        set_status(demo, status)
    assert refusal.value.sentence == "Demo is in quarantine. 'warehouse project activate Demo' clears it first."
    assert demo.simple("demo")["project-status"] == {"status": "quarantined", "reason": "malware"}


@pytest.mark.parametrize(
    ("reason", "sentence"),
    [
        ("x" * (LONGEST + 1), "A reason has at most 500 characters, and this one 501."),
        ("two\nlines", "A reason is one line of text: leave out line breaks and control characters."),
        ("bell\a", "A reason is one line of text: leave out line breaks and control characters."),
        ("nul\0", "A reason is one line of text: leave out line breaks and control characters."),
        ("next\x85line", "A reason is one line of text: leave out line breaks and control characters."),
        ("line\N{LINE SEPARATOR}s", "A reason is one line of text: leave out line breaks and control characters."),
        ("half \udcff", "A reason is one line of text: leave out line breaks and control characters."),
    ],
)
def test_a_reason_that_cannot_be_shown_is_refused_and_changes_nothing(demo, reason, sentence):
    entries = demo.journal()
    with pytest.raises(Invalid) as refusal:
        set_status(demo, ARCHIVED, reason)
    assert refusal.value.sentence == sentence
    assert demo.simple("demo")["project-status"] == {"status": "active"}
    assert demo.journal() == entries


def test_the_longest_reason_is_shown_in_every_script(demo):
    reason = "понятно 说明 🎉 " + "x" * (LONGEST - 13)
    assert len(reason) == LONGEST
    set_status(demo, ARCHIVED, reason)
    assert demo.simple("demo")["project-status"]["reason"] == reason


@pytest.mark.parametrize("status", [ARCHIVED, DEPRECATED])
def test_an_owner_says_what_the_project_is_but_puts_nothing_into_quarantine(demo, status):
    ada = demo.actor(demo.ada)
    set_status(demo, status, actor=ada)
    set_status(demo, ACTIVE, actor=ada)
    with pytest.raises(NotAllowed):
        set_status(demo, QUARANTINED, actor=ada)
    set_status(demo, QUARANTINED)
    with pytest.raises(NotAllowed):
        set_status(demo, ACTIVE, actor=ada)
    assert demo.simple("demo")["project-status"] == {"status": "quarantined"}


def test_a_stranger_says_nothing(demo):
    with pytest.raises(NotAllowed):
        set_status(demo, ARCHIVED, actor=demo.actor(demo.user("eve")))
