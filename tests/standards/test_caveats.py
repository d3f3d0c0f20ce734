"""Caveats: the wire format that tokens out there have, and when each one holds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from warehouse.standards.caveats import (
    BadCaveat,
    Expiration,
    ProjectIds,
    ProjectNames,
    Publisher,
    RequestUser,
    deserialize,
    failure,
    serialize,
)

ADA, BOB = "0a0a0a0a-0000-4000-8000-000000000001", "0b0b0b0b-0000-4000-8000-000000000002"
DEMO = ("73b3b2f4-7e4c-4a0b-8b9c-7a8b6c5d4e3f", "demo")
OTHER = ("11111111-7e4c-4a0b-8b9c-7a8b6c5d4e3f", "other")


@pytest.mark.parametrize(
    ("caveat", "raw"),
    [
        (Expiration(expires_at=20, not_before=10), b"[0,20,10]"),
        (ProjectNames(("demo", "frob")), b'[1,["demo","frob"]]'),
        (ProjectNames(()), b"[1,[]]"),
        (ProjectIds((DEMO[0],)), b'[2,["73b3b2f4-7e4c-4a0b-8b9c-7a8b6c5d4e3f"]]'),
        (RequestUser(ADA), b'[3,"0a0a0a0a-0000-4000-8000-000000000001"]'),
        (RequestUser(None), b'{"permissions":"user","version":1}'),
        (Publisher("p"), b'[4,"p",null]'),
        (Publisher("p", {"sha": "1", "ref": "x"}), b'[4,"p",{"ref":"x","sha":"1"}]'),
    ],
)
def test_a_caveat_is_written_and_read_as_these_bytes(caveat, raw):
    assert serialize(caveat) == raw
    assert deserialize(raw) == caveat


@pytest.mark.parametrize(
    ("raw", "caveat"),
    [
        (b'{"version": 1, "permissions": "user"}', RequestUser(None)),
        (b'{"version": 1, "permissions": {"projects": ["demo", "frob"]}}', ProjectNames(("demo", "frob"))),
        (b'{"nbf": 10, "exp": 20}', Expiration(expires_at=20, not_before=10)),
        (b'{"project_ids": ["' + DEMO[0].encode() + b'"]}', ProjectIds((DEMO[0],))),
        (b'[4,"p"]', Publisher("p")),  # before the claims were appended
        (b" [0, 20, 10] ", Expiration(20, 10)),
    ],
)
def test_what_older_tokens_and_other_tools_wrote_is_read(raw, caveat):
    assert deserialize(raw) == caveat


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\xff",
        b"null",
        b"1",
        b'"user"',
        b"true",
        b"[]",
        b"[null]",
        b"[[0],20,10]",
        b"[5,1]",
        b"[-1]",
        b'["0",20,10]',
        b"[0.0,20,10]",
        b"[false,20,10]",
        b'[true,["demo"]]',
        b"[0]",
        b"[0,20]",
        b"[0,20,10,5]",
        b"[0,20.5,10]",
        b"[0,20,true]",
        b"[0,null,10]",
        b'[0,"20",10]',
        b"[0,99999999999999999999999,10]",
        b"[0,NaN,10]",
        b"[1]",
        b'[1,"demo"]',
        b"[1,[1]]",
        b'[1,["demo"],1]',
        b"[1,null]",
        b'[1,{"demo":1}]',
        b"[2]",
        b"[2,[null]]",
        b"[3]",
        b"[3,null]",
        b"[3,1]",
        b'[3,"a","b"]',
        b"[4]",
        b"[4,null]",
        b'[4,"p",[]]',
        b'[4,"p","claims"]',
        b'[4,"p",null,1]',
        b"{}",
        b'{"version":2,"permissions":"user"}',
        b'{"version":true,"permissions":"user"}',
        b'{"version":1}',
        b'{"permissions":"user"}',
        b'{"version":1,"permissions":"admin"}',
        b'{"version":1,"permissions":"user","exp":1}',
        b'{"version":1,"permissions":{}}',
        b'{"version":1,"permissions":{"projects":"demo"}}',
        b'{"version":1,"permissions":{"projects":["demo"],"users":[]}}',
        b'{"exp":20}',
        b'{"nbf":10}',
        b'{"exp":20,"nbf":"10"}',
        b'{"exp":20,"nbf":10,"more":1}',
        b'{"project_ids":"a"}',
        b'{"project_ids":[1]}',
        b"[" * 30_000,
        b'{"a":' * 6_000,
        b"[0,20,10] [0,30,10]",
    ],
)
def test_what_is_not_known_is_refused(raw):
    with pytest.raises(BadCaveat):
        deserialize(raw)


EXPIRED = "This token has expired."
EARLY = "This token is not valid yet."
NO_PROJECT = "This token can only be used for an existing project."
NOT_OTHER = "This token is not valid for the project 'other'."


@pytest.mark.parametrize(
    ("caveat", "circumstances", "expected"),
    [
        (Expiration(20, 10), {"now": 9}, EARLY),
        (Expiration(20, 10), {"now": 10}, None),
        (Expiration(20, 10), {"now": 19}, None),
        (Expiration(20, 10), {"now": 20}, EXPIRED),
        (Expiration(10, 20), {"now": 15}, EXPIRED),
        (ProjectNames(("demo", "frob")), {"project": DEMO}, None),
        (ProjectNames(("demo", "frob")), {"project": OTHER}, NOT_OTHER),
        (ProjectNames(("demo",)), {}, NO_PROJECT),
        (ProjectNames((DEMO[0],)), {"project": DEMO}, "This token is not valid for the project 'demo'."),
        (ProjectNames(()), {"project": OTHER}, NOT_OTHER),
        (ProjectIds((DEMO[0],)), {"project": DEMO}, None),
        (ProjectIds((DEMO[0],)), {"project": OTHER}, NOT_OTHER),
        (ProjectIds((DEMO[0],)), {"project": (OTHER[0], "demo")}, "This token is not valid for the project 'demo'."),
        (ProjectIds(("demo",)), {"project": DEMO}, "This token is not valid for the project 'demo'."),
        (ProjectIds((DEMO[0],)), {}, NO_PROJECT),
        (RequestUser(ADA), {"user_id": ADA}, None),
        (RequestUser(ADA), {"user_id": BOB}, "This token belongs to another user."),
        (RequestUser(ADA), {}, "This token can only be used by a user."),
        (RequestUser(ADA), {"publisher_id": ADA}, "This token can only be used by a user."),
        (RequestUser(None), {"user_id": ADA}, None),
        (RequestUser(None), {"publisher_id": "p"}, "This token can only be used by a user."),
        (Publisher("p"), {"publisher_id": "p", "project": DEMO, "publisher_serves_project": True}, None),
        (Publisher("p"), {"publisher_id": "p", "project": OTHER, "publisher_serves_project": False}, NOT_OTHER),
        (Publisher("p"), {"publisher_id": "p", "project": OTHER}, NOT_OTHER),
        (Publisher("p"), {"publisher_id": "p", "publisher_serves_project": True}, NO_PROJECT),
        (
            Publisher("p"),
            {"publisher_id": "q", "project": DEMO, "publisher_serves_project": True},
            "This token belongs to another trusted publisher.",
        ),
        (
            Publisher("p"),
            {"user_id": "p", "project": DEMO, "publisher_serves_project": True},
            "This token can only be used by a trusted publisher.",
        ),
    ],
)
def test_a_caveat_holds_or_says_why_not(caveat, circumstances, expected):
    assert failure(caveat, **{"now": 15, **circumstances}) == expected


names = st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=20), max_size=5).map(tuple)
times = st.integers(-(2**63), 2**63 - 1)


@given(st.builds(Expiration, times, times) | st.builds(ProjectNames, names) | st.builds(ProjectIds, names))
def test_what_was_written_is_read_back(caveat):
    assert deserialize(serialize(caveat)) == caveat
