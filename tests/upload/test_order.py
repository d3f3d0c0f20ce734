"""The order in which people hear of what is wrong: of two mistakes, always the earlier one in the pipeline.

Neighbours are compared; what holds for neighbours in a list holds for all.
"""

import hashlib
from collections.abc import Callable
from itertools import pairwise
from typing import NamedTuple

import pytest

from tests.builders import sdist, wheel
from tests.upload.attempts import Attempt, accepted, refused, run, throw, token_of
from tests.upload.conftest import publisher
from warehouse.domain.packaging import ProhibitedName
from warehouse.domain.site import FlagName
from warehouse.operations.files import remove_file
from warehouse.operations.projects import find_project

IDENTITY = "Invalid or non-existent authentication information."


class Mistake(NamedTuple):
    """How to make it, and what it is answered with."""

    name: str
    make: Callable[..., None]
    status: int
    sentence: str


def change(**changes) -> Callable[..., None]:
    return lambda index, attempt: attempt.changes.update(changes)


def sends_text_as_file(index, attempt):
    attempt.files.append(("summary", "summary.txt", "text/plain", b"text"))


def is_nobody(index, attempt):
    attempt.by = None


def sends_no_file(index, attempt):
    attempt.has_file = False


def is_a_stranger(index, attempt):
    if attempt.by is not None:
        attempt.by = publisher(index, "eve")


def has_no_verified_email(index, attempt):
    if attempt.by is not None:
        run(index, "UPDATE emails SET is_verified = false WHERE user_id = :id", id=attempt.by.id)


def has_no_second_factor(index, attempt):
    if attempt.by is not None:
        run(index, "UPDATE users SET totp_secret = NULL WHERE id = :id", id=attempt.by.id)


def has_control_characters(index, attempt):
    attempt.filename = "\x01" + (attempt.filename or attempt.dist.filename)


def has_a_slash(index, attempt):
    attempt.filename = "folder/" + (attempt.filename or attempt.dist.filename)


def is_a_program(index, attempt):
    attempt.filename = (attempt.filename or attempt.dist.filename).removesuffix(".whl") + ".exe"


def is_a_picture(index, attempt):
    attempt.content_type = "image/png"


def is_too_large(index, attempt):
    attempt.content = bytes(70_000)


PIPELINE = [
    Mistake("file part", sends_text_as_file, 400, "summary: Should not be a tuple."),
    Mistake("read-only", lambda index, _: throw(index, FlagName.READ_ONLY), 403, "Read-only mode: Uploads are"),
    Mistake("closed", lambda index, _: throw(index, FlagName.DISALLOW_NEW_UPLOAD), 403, "New uploads are temporarily"),
    Mistake("nobody", is_nobody, 403, IDENTITY),
    Mistake("protocol", change(protocol_version="2"), 400, "Unknown protocol version."),
    Mistake("form", change(filetype="bdist_egg"), 400, "Invalid value for filetype."),
    Mistake("metadata", change(metadata_version="2.0"), 400, "Metadata-Version must be one of"),
    Mistake("no file", sends_no_file, 400, "Upload payload does not have a file."),
    Mistake("permission", is_a_stranger, 403, "The user 'eve' isn't allowed to upload to project 'demo'."),
    Mistake("email", has_no_verified_email, 403, "User 'ada' does not have a verified primary e-mail"),
    Mistake("second factor", has_no_second_factor, 403, "User 'ada' does not have two-factor authentication"),
    Mistake("description", change(description="`broken"), 400, "The description failed to render"),
    Mistake("control characters", has_control_characters, 400, "The file name holds control characters"),
    Mistake("slash", has_a_slash, 400, "The file name holds '/'"),
    Mistake("extension", is_a_program, 400, "The file name has no known extension"),
    Mistake("content type", is_a_picture, 400, "Invalid distribution file."),
    Mistake("size", is_too_large, 400, "File too large. Limit for project 'demo' is 64 KiB."),
    Mistake("digest", change(md5_digest="0" * 32), 400, "The digest supplied does not match"),
]


@pytest.fixture
def small(index_with):
    """A public index that takes small files, with ada's project."""
    made = index_with(PROFILE="public", UPLOAD__MAX_FILE_SIZE="64 KiB")
    made.ada = publisher(made, "ada")
    accepted(made, Attempt(wheel("demo", "0.1"), by=made.ada))
    return made


@pytest.mark.parametrize("mistake", PIPELINE, ids=lambda mistake: mistake.name)
def test_each_mistake_alone_is_refused_and_leaves_nothing(small, mistake):
    attempt = Attempt(by=small.ada)
    mistake.make(small, attempt)
    refused(small, attempt, mistake.status, mistake.sentence)


@pytest.mark.parametrize("pair", list(pairwise(PIPELINE)), ids=lambda pair: f"{pair[0].name} + {pair[1].name}")
def test_of_two_mistakes_the_earlier_one_is_told(small, pair):
    earlier, later = pair
    attempt = Attempt(by=small.ada)
    earlier.make(small, attempt)
    later.make(small, attempt)
    refused(small, attempt, earlier.status, earlier.sentence)


def is_python_itself(index, attempt):
    attempt.dist = wheel("main", "1.0")


def is_prohibited(index, attempt):
    with index.work() as work:
        work.db.add(ProhibitedName(normalized_name=attempt.dist.form()["name"][0]))


def looks_like_another(index, attempt):
    run(index, "INSERT INTO projects (name, normalized_name, lookalike_name) VALUES ('ma1n', 'ma1n', 'ma1n')")
    run(index, "UPDATE projects SET lookalike_name = 'ma1n' WHERE name = 'ma1n'")
    attempt.dist = wheel("main", "1.0")


NEW_PROJECT = [
    Mistake("email", has_no_verified_email, 403, "User 'ada' does not have a verified"),
    Mistake("second factor", has_no_second_factor, 403, "User 'ada' does not have two-factor"),
    Mistake("rate", lambda index, _: use_up_new_projects(index), 429, "Too many new projects created"),
    Mistake(
        "closed", lambda index, _: throw(index, FlagName.DISALLOW_NEW_PROJECTS), 403, "New project registration is"
    ),
    Mistake("standard library", is_python_itself, 400, "The name 'main' isn't allowed: it conflicts with a module"),
    Mistake("prohibited", is_prohibited, 400, "The name '"),
    Mistake("token", lambda index, attempt: limit_token(index, attempt), 403, "Invalid API Token: "),
    Mistake("description", change(description="`broken"), 400, "The description failed to render"),
]


def use_up_new_projects(index):
    run(
        index,
        "INSERT INTO rate_windows (key, starts_at, count) "
        "SELECT 'project.create.user:' || id, date_trunc('hour', now()), 20 FROM users WHERE username = 'ada'",
    )


def limit_token(index, attempt):
    accepted_before = run(index, "SELECT 1 FROM projects WHERE normalized_name = 'other'")
    if not accepted_before:
        run(index, "INSERT INTO projects (name, normalized_name, lookalike_name) VALUES ('other', 'other', '0ther')")
        run(
            index,
            "INSERT INTO roles (project_id, user_id, role_name) "
            "SELECT p.id, u.id, 'Owner' FROM projects p, users u WHERE p.name = 'other' AND u.username = 'ada'",
        )
    attempt.token = token_of(index, attempt.by, "other")


@pytest.mark.parametrize("pair", list(pairwise(NEW_PROJECT)), ids=lambda pair: f"{pair[0].name} + {pair[1].name}")
def test_a_new_project_is_judged_in_order(public, pair):
    earlier, later = pair
    attempt = Attempt(wheel("fresh", "1.0"), by=publisher(public, "ada"))
    earlier.make(public, attempt)
    later.make(public, attempt)
    refused(public, attempt, earlier.status, earlier.sentence)


def test_a_prohibited_name_is_told_before_a_similar_one(public):
    attempt = Attempt(wheel("pi1low", "1.0"), by=publisher(public, "ada"))
    run(public, "INSERT INTO projects (name, normalized_name, lookalike_name) VALUES ('pillow', 'pillow', 'p1110w')")
    refused(public, attempt, 400, "The name 'pi1low' is too similar to an existing project ('pillow').")
    is_prohibited(public, attempt)
    refused(public, attempt, 400, "The name 'pi1low' isn't allowed.")


class TestFilesOfAnOldRelease:
    """Mistakes that depend on what the release holds."""

    @pytest.fixture
    def old(self, public):
        """demo 1.0 has a wheel and an sdist and is closed; a second wheel was removed."""
        public.ada = publisher(public, "ada")
        for dist in (wheel("demo", "1.0"), sdist("demo", "1.0"), wheel("demo", "1.0", build="2")):
            accepted(public, Attempt(dist, by=public.ada))
        with public.work() as work:
            remove_file(work, find_project(work, "demo"), wheel("demo", "1.0", build="2").filename)
        run(public, "UPDATE releases SET created_at = now() - interval '14 days 1 minute'")
        return public

    def test_the_same_file_again_is_welcome_before_the_release_is_found_closed(self, old):
        accepted(old, Attempt(wheel("demo", "1.0"), by=old.ada))

    def test_another_content_exists_already_before_the_release_is_found_closed(self, old):
        other = wheel("demo", "1.0", files={"demo.py": "other = 1\n"})
        refused(old, Attempt(other, by=old.ada), 400, "File already exists ('demo-1.0-py3-none-any.whl', with blake2")

    def test_a_used_name_is_told_before_the_release_is_found_closed(self, old):
        again = Attempt(wheel("demo", "1.0", build="2"), by=old.ada)
        refused(old, again, 400, "This filename was previously used by a file that has since been deleted.")

    def test_a_closed_release_is_told_before_a_second_sdist(self, old):
        second = Attempt(sdist("demo", "1.0", files={"a.py": ""}), by=old.ada, filename="Demo-1.0.tar.gz")
        refused(old, second, 400, "Uploading new files to releases older than 14 days is not allowed.")
        run(old, "UPDATE releases SET created_at = now() - interval '14 days' + interval '1 minute'")
        refused(old, second, 400, "Only one sdist may be uploaded per release.")

    def test_a_second_sdist_is_told_before_a_broken_archive(self, old):
        run(old, "UPDATE releases SET created_at = now()")
        second = Attempt(sdist("demo", "1.0"), by=old.ada, filename="Demo-1.0.tar.gz", content=b"no archive")
        second.changes = dict.fromkeys(("md5_digest", "blake2_256_digest"))
        second.changes["sha256_digest"] = "8f3c5bc8c0c1ed2e10d3a0dfb4a3f0d5c3d6e3cf1c5a8b7e9d0f1a2b3c4d5e6f"
        refused(old, second, 400, "The digest supplied does not match")
        second.changes["sha256_digest"] = sha256(b"no archive")
        refused(old, second, 400, "Only one sdist may be uploaded per release.")


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
