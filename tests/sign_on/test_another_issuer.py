"""An issuer that others have written, by Authlib: it reads the standards for itself."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from urllib.parse import parse_qsl, urlsplit

import pytest
import urllib3

from tests.conftest import MakeIndex
from tests.sign_on.trip import STRANGER
from warehouse.operations import sign_on

# In a process of its own: it brings a web framework along, and warnings.
SERVER = """
import oidc_provider_mock as mock
ada = mock.User(sub="ada-1", claims={
    "preferred_username": "ada", "email": "ada@example.com", "email_verified": True, "groups": ["staff"],
})
with mock.run_server_in_thread(require_nonce=True, user_claims=[ada]) as server:
    print(server.server_port, flush=True)
    input()
"""


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    command = [sys.executable, "-W", "ignore", "-c", SERVER]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdout is not None
        yield f"http://localhost:{int(process.stdout.readline())}"
        process.communicate(b"\n", timeout=20)


@pytest.mark.parametrize("userinfo", [False, True])
def test_somebody_comes_from_it(issuer: str, index_with: MakeIndex, userinfo: bool) -> None:
    about = {"issuer": issuer, "client_id": "warehouse", "userinfo": userinfo, "roles": {"staff": "moderator"}}
    index = index_with(
        SIGN_ON__ISSUERS=json.dumps({"corp": about}),
        SIGN_ON__CLIENT_SECRETS="corp=s3cret",
        SITE__URL="https://index.test",
    )
    with index.work(STRANGER) as work:
        leaving = sign_on.leave(work, "corp")
    answer = urllib3.request("POST", leaving.location, fields={"sub": "ada-1"}, redirect=False)
    query = dict(parse_qsl(urlsplit(answer.headers["location"]).query))
    with index.work(STRANGER) as work:
        arrived = sign_on.arrive(work, "corp", query, browser=leaving.browser, session=None)
        assert arrived.user is not None
        assert (arrived.user.username, arrived.user.is_moderator) == ("ada", True)
        assert [(email.address, email.is_verified) for email in arrived.user.emails] == [("ada@example.com", True)]
