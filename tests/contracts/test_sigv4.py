"""Signatures for Amazon's services: the vectors that Amazon publishes, and its own library as an oracle."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import quote, urlencode

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from hypothesis import given, settings
from hypothesis import strategies as st

from warehouse.infra.sigv4 import AccessKey, signed

SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
KEY = AccessKey("AKIDEXAMPLE", SECRET, "us-east-1", "service")
THEN = datetime(2015, 8, 30, 12, 36, tzinfo=UTC)
HOST = "https://example.amazonaws.com"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.mark.parametrize(
    ("method", "path", "headers", "body", "signature"),
    [
        # From the AWS Signature Version 4 test suite: get-vanilla, get-vanilla-query-order-key-case, post-vanilla,
        # post-x-www-form-urlencoded.
        ("GET", "/", {}, b"", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
        (
            "GET",
            "/?Param2=value2&Param1=value1",
            {},
            b"",
            "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500",
        ),
        ("POST", "/", {}, b"", "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"),
        (
            "POST",
            "/",
            FORM,
            b"Param1=value1",
            "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a",
        ),
    ],
)
def test_published_vectors(method, path, headers, body, signature):
    made = signed(KEY, method, HOST + path, headers, body, now=THEN)
    assert made["Authorization"].endswith(f", Signature={signature}")
    assert made["X-Amz-Date"] == "20150830T123600Z"


def test_the_example_of_the_documentation():
    """GET ListUsers, from "Create a signed AWS API request"."""
    key = AccessKey("AKIDEXAMPLE", SECRET, "us-east-1", "iam")
    form = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}
    url = "https://iam.amazonaws.com/?Action=ListUsers&Version=2010-05-08"
    assert signed(key, "GET", url, form, b"", now=THEN)["Authorization"] == (
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, "
        "SignedHeaders=content-type;host;x-amz-date, "
        "Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7"
    )


@settings(max_examples=50, deadline=None)
@given(
    st.text("abcXYZ019-_~ %:", max_size=20),
    st.lists(st.tuples(st.text("aZ9-_ ~", min_size=1, max_size=5), st.text("aZ9-_ ~+", max_size=5)), max_size=4),
    st.binary(max_size=50),
)
def test_the_library_of_amazon_signs_alike(path, query, body):
    url = f"{HOST}/{quote(path, safe='')}" + (f"?{urlencode(query, quote_via=quote)}" if query else "")
    ours = signed(KEY, "POST", url, {"Content-Type": "application/json"}, body, now=datetime.now(UTC))
    theirs = AWSRequest("POST", url, data=body, headers={"Content-Type": "application/json"})
    theirs.context["timestamp"] = ours["X-Amz-Date"]
    signer = SigV4Auth(Credentials("AKIDEXAMPLE", SECRET), "service", "us-east-1")
    theirs.headers["X-Amz-Date"] = ours["X-Amz-Date"]
    canonical = signer.canonical_request(theirs)
    signature = signer.signature(signer.string_to_sign(theirs, canonical), theirs)
    assert ours["Authorization"].endswith(f", Signature={signature}")


def test_the_secret_is_not_shown():
    assert SECRET not in repr(KEY)
