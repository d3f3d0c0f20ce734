"""How much of a file that cannot be accepted reaches the disk."""

import os

import pytest

from tests.builders import wheel
from tests.index import basic, multipart_body
from warehouse.settings import load_settings
from warehouse.standards.http import Ask

LIMIT = 200_000


@pytest.fixture
def settings(tmp_path):
    return load_settings({"WAREHOUSE_DATA": str(tmp_path), "WAREHOUSE_UPLOAD__MAX_FILE_SIZE": str(LIMIT)})


@pytest.fixture
def large():
    return wheel("demo", "1.0", files={"demo/data.bin": bytes(range(256)) * 4000}, filename="demo-1.0-py3-none-any.whl")


def spooled(index, authorization: str, content: bytes) -> int:
    """The most bytes in the store's temporary folder while a file of these bytes arrives."""
    body, boundary = multipart_body(wheel("demo", "1.0").form(), [("content", "demo.whl", "a/b", content)])
    headers = {"content-type": f"multipart/form-data; boundary={boundary}", "authorization": authorization}
    receiver = index.doors.receive(Ask("POST", "/legacy/", "", headers, client="192.0.2.1"))
    receiver.begin()
    most = 0
    for start in range(0, len(body), 50_000):
        receiver.feed(body[start : start + 50_000])
        most = max(most, sum(path.stat().st_size for path in index.tools.blobs.temporary().parent.iterdir()))
    receiver.abort()
    return most


def test_a_file_is_not_written_past_the_limit(index):
    token = index.token(index.user("ada"))
    assert 0 < spooled(index, basic("__token__", token), bytes(5 * LIMIT)) <= LIMIT


def test_a_project_with_a_limit_of_its_own_gets_it(index):
    ada = index.user("ada")
    index.upload(wheel("demo", "0.1"), by=ada)
    index.change_project("demo", file_size_limit=4 * LIMIT)
    token = basic("__token__", index.token(ada))
    assert LIMIT < spooled(index, token, bytes(5 * LIMIT)) <= 4 * LIMIT


def test_a_forged_token_writes_nothing_and_is_told_so(index, large):
    token = index.token(index.user("ada"))
    forged = basic("__token__", token[:-4] + ("AAAA" if token[-4:] != "AAAA" else "BBBB"))
    assert spooled(index, forged, bytes(5 * LIMIT)) == 0
    answer = index.upload(large, authorization=forged)
    assert answer.status == 403
    assert answer.reason.startswith("Invalid API Token")


def test_too_large_a_file_is_refused_with_the_limit(index, large):
    answer = index.upload(wheel("demo", "1.0", files={"demo/data.bin": os.urandom(LIMIT)}), by=index.user("ada"))
    assert answer.status == 400
    assert answer.reason.startswith("File too large. Limit for project 'demo' is")


def test_an_upload_without_the_slash_is_sent_on(index):
    receiver = index.doors.receive(Ask("POST", "/legacy", "", {}))
    receiver.begin()
    receiver.feed(b"x" * 5_000_000)
    answer = receiver.finish()
    assert (answer.status, dict(answer.headers)["location"]) == (308, "/legacy/")
