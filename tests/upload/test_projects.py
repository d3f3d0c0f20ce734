"""Uploads and the project: how it comes to be, who may upload to it, how large it may grow."""

import random

import pytest

from tests.builders import sdist, wheel
from tests.index import Index
from tests.upload.attempts import Attempt, accepted, refused, run, throw, token_of
from tests.upload.conftest import publisher
from warehouse.domain.accounts import SecurityKey
from warehouse.domain.audit import AuditEvent
from warehouse.domain.journal import JournalEntry
from warehouse.domain.site import FlagName
from warehouse.standards.networks import network_of

POLICY = '"project.create.ip";q=40;w=3600;pk=:ip:, "project.create.user";q=20;w=3600;pk=:user:'


def add_role(index: Index, project: str, user, role: str = "Maintainer") -> None:
    run(
        index,
        "INSERT INTO roles (project_id, user_id, role_name) SELECT id, :user, :role FROM projects WHERE name = :name",
        user=user.id,
        role=role,
        name=project,
    )


def journal(index: Index) -> list[tuple]:
    with index.work() as work:
        entries = work.db.query(JournalEntry).order_by(JournalEntry.serial)
        return [(e.project, e.version, e.action, e.submitted_by) for e in entries]


def audit(index: Index) -> list[tuple]:
    with index.work() as work:
        events = work.db.query(AuditEvent).order_by(AuditEvent.id)
        return [(e.tag, e.actor, e.address, e.user_agent) for e in events if e.subject.startswith("project:")]


class TestWhatIsToldOfAnUpload:
    """Journal and audit trail, exactly and in order."""

    def test_of_the_first_file(self, index):
        accepted(index, Attempt(wheel("Demo", "1.0"), by=index.user("ada"), headers={"user-agent": "twine/7"}))
        file = "demo-1.0-py3-none-any.whl"
        assert journal(index) == [
            ("Demo", None, "create", "ada"),
            ("Demo", None, "add Owner ada", "ada"),
            ("Demo", "1.0", "new release", "ada"),
            ("Demo", "1.0", f"add py3 file {file}", "ada"),
        ]
        assert audit(index) == [
            (tag, "ada", "192.0.2.1", "twine/7")
            for tag in ("project:create", "project:role:add", "project:release:add", "file:add")
        ]

    def test_of_a_second_file_and_a_second_release(self, index):
        ada = index.user("ada")
        accepted(index, Attempt(wheel("demo", "1.0"), by=ada))
        accepted(index, Attempt(sdist("demo", "1.0"), by=ada))
        accepted(index, Attempt(sdist("demo", "2.0"), by=ada))
        assert journal(index)[4:] == [
            ("demo", "1.0", "add source file demo-1.0.tar.gz", "ada"),
            ("demo", "2.0", "new release", "ada"),
            ("demo", "2.0", "add source file demo-2.0.tar.gz", "ada"),
        ]
        assert [event[0] for event in audit(index)[4:]] == ["file:add", "project:release:add", "file:add"]

    def test_the_newest_spelling_of_the_name_is_shown(self, index):
        ada = index.user("ada")
        accepted(index, Attempt(wheel("Some.Thing", "1.0"), by=ada))
        accepted(index, Attempt(wheel("some_THING", "1.1"), by=ada))
        assert {entry[0] for entry in journal(index)[4:]} == {"some_THING"}
        assert run(index, "SELECT name, normalized_name FROM projects") == [("some_THING", "some-thing")]


class TestNamesOfNewProjects:
    """Section by section: what may not be registered."""

    @pytest.mark.parametrize("name", ["main", "future", "xml.etree", "XML_etree", "test", "al"])
    def test_names_of_the_standard_library_are_refused(self, index, name):
        sentence = f"The name {name!r} isn't allowed: it conflicts with a module of the Python standard library."
        answer = refused(index, Attempt(wheel(name, "1.0"), by=index.user("ada")), 400, sentence)
        assert "upload.standard_library_names_refused" in answer.reason

    def test_names_of_the_standard_library_can_be_allowed(self, index_with):
        index = index_with(UPLOAD__STANDARD_LIBRARY_NAMES_REFUSED="no")
        accepted(index, Attempt(wheel("xml.etree", "1.0"), by=index.user("ada")))

    @pytest.mark.parametrize("name", ["requirements.txt", "RRequirements-txt"])
    def test_prohibited_names_are_refused(self, index, name):
        refused(index, Attempt(wheel(name, "1.0"), by=index.user("ada")), 400, f"The name {name!r} isn't allowed.")

    @pytest.mark.parametrize("name", ["pi11ow", "PIL-L0W", "p1.i.lo.w"])
    def test_names_that_look_alike_are_refused(self, index, name):
        ada = index.user("ada")
        accepted(index, Attempt(wheel("pillow", "1.0"), by=ada))
        refused(index, Attempt(wheel(name, "1.0"), by=ada), 400, f"The name {name!r} is too similar to an existing")
        accepted(index, Attempt(wheel("pillows", "1.0"), by=ada))

    @pytest.mark.parametrize("name", ["-demo", "demo-", "de mo", "démo", "demo\n", "d" * 241])
    def test_malformed_names_are_refused(self, index, name):
        attempt = Attempt(by=index.user("ada"), changes={"name": name})
        refused(index, attempt, 400, "Name " if len(name) < 240 else "Invalid value for name.")

    def test_registration_can_be_closed_while_uploads_go_on(self, index):
        ada = index.user("ada")
        accepted(index, Attempt(wheel("demo", "1.0"), by=ada))
        throw(index, FlagName.DISALLOW_NEW_PROJECTS)
        refused(index, Attempt(wheel("fresh", "1.0"), by=ada), 403, "New project registration is temporarily disabled")
        accepted(index, Attempt(wheel("demo", "1.1"), by=ada))

    def test_registration_can_be_switched_off_by_setting(self, index_with):
        index = index_with(UPLOAD__NEW_PROJECTS="no")
        refused(index, Attempt(by=index.user("ada")), 403, "New project registration is temporarily disabled.")


class TestHowManyProjects:
    """Rate limits of the creation of projects, which only a public index has."""

    def test_an_upload_that_creates_a_project_tells_the_limits(self, public):
        answer = accepted(public, Attempt(by=publisher(public, "ada")))
        headers = dict(answer.headers)
        assert headers["ratelimit-policy"] == POLICY
        assert headers["ratelimit"].startswith('"project.create.ip";r=39;t=')
        assert '"project.create.user";r=19;t=' in headers["ratelimit"]

    def test_an_attempt_that_is_refused_tells_them_too_and_is_not_counted(self, public):
        attempt = Attempt(wheel("requirements.txt", "1.0"), by=publisher(public, "ada"))
        headers = dict(refused(public, attempt, 400, "The name 'requirements.txt' isn't allowed").headers)
        assert headers["ratelimit-policy"] == POLICY
        assert '"project.create.user";r=20;t=' in headers["ratelimit"]

    def test_an_upload_to_an_existing_project_does_not(self, public):
        ada = publisher(public, "ada")
        accepted(public, Attempt(wheel("demo", "1.0"), by=ada))
        assert "ratelimit" not in dict(accepted(public, Attempt(wheel("demo", "1.1"), by=ada)).headers)

    def test_a_private_index_has_no_limits(self, index):
        assert "ratelimit" not in dict(accepted(index, Attempt(by=index.user("ada"))).headers)

    def test_one_too_many_is_told_to_wait(self, index_with):
        index = index_with(LIMITS__NEW_PROJECTS_PER_USER="2 per hour")
        ada, bob = index.user("ada"), index.user("bob")
        for name in ("one", "two"):
            accepted(index, Attempt(wheel(name, "1.0"), by=ada))
        answer = refused(index, Attempt(wheel("three", "1.0"), by=ada), 429, "Too many new projects created")
        headers = dict(answer.headers)
        assert 0 < int(headers["retry-after"]) <= 3600
        assert headers["ratelimit"].startswith('"project.create.user";r=0;t=')
        accepted(index, Attempt(wheel("three", "1.0"), by=bob))
        accepted(index, Attempt(wheel("two", "1.1"), by=ada))

    def test_an_address_has_its_own_limit(self, index_with):
        index = index_with(LIMITS__NEW_PROJECTS_PER_ADDRESS="1 per 5 minutes")
        accepted(index, Attempt(wheel("one", "1.0"), by=index.user("ada")))
        refused(index, Attempt(wheel("two", "1.0"), by=index.user("bob")), 429, "Too many new projects created")


class TestWhoMayUpload:
    """Roles and the state of the project."""

    @pytest.fixture
    def demo(self, index):
        index.ada = index.user("ada")
        accepted(index, Attempt(wheel("demo", "1.0"), by=index.ada))
        return index

    @pytest.mark.parametrize("role", ["Owner", "Maintainer"])
    def test_collaborators_may(self, demo, role):
        bob = demo.user("bob")
        add_role(demo, "demo", bob, role)
        accepted(demo, Attempt(wheel("demo", "1.1"), by=bob))

    def test_others_may_not_whatever_they_are_besides(self, demo):
        sentence = "The user 'eve' isn't allowed to upload to project 'demo'. Ask one of its owners for a role."
        refused(demo, Attempt(wheel("demo", "1.1"), by=demo.user("eve", administrator=True)), 403, sentence)

    @pytest.mark.parametrize("status", ["archived", "quarantined"])
    def test_a_project_at_rest_takes_no_files(self, demo, status):
        demo.change_project("demo", status=status)
        attempt = Attempt(wheel("demo", "1.1"), by=demo.ada)
        refused(demo, attempt, 403, f"The project 'demo' is {status} and takes no new files.")

    def test_a_deprecated_project_takes_files(self, demo):
        demo.change_project("demo", status="deprecated")
        accepted(demo, Attempt(wheel("demo", "1.1"), by=demo.ada))

    def test_people_of_an_existing_project_need_email_and_second_factor_too(self, public):
        ada = publisher(public, "ada")
        accepted(public, Attempt(wheel("demo", "1.0"), by=ada))
        bob = publisher(public, "bob", verified=False)
        add_role(public, "demo", bob)
        refused(public, Attempt(wheel("demo", "1.1"), by=bob), 403, "User 'bob' does not have a verified primary")
        cat = publisher(public, "cat", second_factor=False)
        add_role(public, "demo", cat)
        refused(public, Attempt(wheel("demo", "1.1"), by=cat), 403, "User 'cat' does not have two-factor")

    def test_a_security_key_is_a_second_factor(self, public):
        ada = publisher(public, "ada", second_factor=False)
        refused(public, Attempt(wheel("demo", "1.0"), by=ada), 403, "User 'ada' does not have two-factor")
        key = {"user_id": ada.id, "label": "blue", "credential_id": b"1", "public_key": b"2", "sign_count": 0}
        with public.work() as work:
            work.db.add(SecurityKey(**key))
        accepted(public, Attempt(wheel("demo", "1.0"), by=ada))

    def test_a_private_index_asks_for_neither(self, index):
        accepted(index, Attempt(by=index.user("ada", verified=False)))


class TestHowLarge:
    """Limits in bytes; the larger of the index's and the project's own counts."""

    @pytest.fixture
    def small(self, index_with):
        index = index_with(UPLOAD__MAX_FILE_SIZE="2 MiB", UPLOAD__MAX_PROJECT_SIZE="3 MiB")
        index.ada = index.user("ada")
        accepted(index, Attempt(wheel("demo", "0.1"), by=index.ada))
        return index

    def big(self, version: str, size: int):
        return wheel("demo", version, files={"demo.bin": noise(size)})

    def test_a_file_over_the_limit_is_refused(self, small):
        attempt = Attempt(self.big("1.0", 2 * 1024**2), by=small.ada)
        refused(small, attempt, 400, "File too large. Limit for project 'demo' is 2 MB.")
        small.change_project("demo", file_size_limit=1024**2)
        refused(small, attempt, 400, "File too large. Limit for project 'demo' is 2 MB.")
        small.change_project("demo", file_size_limit=2_200_000)
        accepted(small, attempt)

    def test_a_project_over_the_limit_is_refused(self, small):
        accepted(small, Attempt(self.big("1.0", 1_900_000), by=small.ada))
        attempt = Attempt(self.big("1.1", 1_900_000), by=small.ada)
        refused(small, attempt, 400, "Project size too large. Limit for project 'demo' total size is 3 MiB.")
        small.change_project("demo", total_size_limit=1024**3)
        accepted(small, attempt)

    def test_the_size_of_a_project_is_the_sum_of_its_files(self, small):
        accepted(small, Attempt(sdist("demo", "0.1"), by=small.ada))
        sizes = run(small, "SELECT total_size, (SELECT sum(size) FROM files) FROM projects")
        assert sizes[0][0] == sizes[0][1] > 0


def noise(size: int) -> bytes:
    return random.Random(size).randbytes(size)


def test_a_token_for_one_project_creates_no_other(index):
    ada = index.user("ada")
    accepted(index, Attempt(wheel("demo", "1.0"), by=ada))
    token = token_of(index, ada, "demo")
    accepted(index, Attempt(wheel("demo", "1.1"), token=token))
    refused(index, Attempt(wheel("fresh", "1.0"), token=token), 403, "Invalid API Token: This token is not valid for")


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("unix", "unix"),
    ],
)
def test_clients_are_counted_by_what_one_of_them_has(address, network):
    assert network_of(address) == network
