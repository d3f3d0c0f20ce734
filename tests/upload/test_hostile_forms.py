"""Bodies that no client sends: each gets a clear refusal, leaves nothing behind, and never breaks the door."""

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.builders import sdist, wheel
from tests.index import basic, multipart_body
from tests.upload.attempts import Attempt, accepted, nothing_changes, refused, run, token_of
from warehouse.api.multipart_form import MAX_FIELDS
from warehouse.standards.http import Ask

BOUNDARY = "warehouse-tests-boundary"
END = f"--{BOUNDARY}--\r\n".encode()


@pytest.fixture
def ada(index):
    return index.user("ada")


@pytest.fixture
def authorization(index, ada):
    return basic("__token__", token_of(index, ada))


def part(disposition: str | bytes, value: bytes = b"", *more: bytes) -> bytes:
    """One part; more lines may follow its first."""
    head = disposition if isinstance(disposition, bytes) else disposition.encode()
    lines = b"\r\n".join((b"Content-Disposition: " + head, *more))
    return b"--" + BOUNDARY.encode() + b"\r\n" + lines + b"\r\n\r\n" + value + b"\r\n"


def form_of(dist, **changes) -> bytes:
    """The fields of a file without the file, and without the end."""
    return multipart_body(dist.form(**changes), [])[0].removesuffix(END)


def file_of(dist, disposition: str | None = None) -> bytes:
    """The part with the file."""
    disposition = disposition or f'form-data; name="content"; filename="{dist.filename}"'
    return part(disposition, dist.content, b"Content-Type: application/octet-stream")


WHEEL = wheel()
WHOLE = form_of(WHEEL) + file_of(WHEEL) + END
FIELD = 'form-data; name="summary"'

REFUSED = {
    "nothing": (b"", "The form ends in the middle."),
    "only the end": (END, "Say what to do"),
    "no boundary in it": (b"name=demo&version=1.0" * 10, "The form could not be read: Boundary not found"),
    "another boundary": (WHOLE.replace(b"warehouse-tests", b"warehouse-other"), "The form could not be read"),
    "ends in a field": (WHOLE[:200], "The form ends in the middle."),
    "ends in the file": (WHOLE[:-200], "The form ends in the middle."),
    "ends before the last dashes": (WHOLE[:-4], "The form ends in the middle."),
    "two files": (form_of(WHEEL) + file_of(WHEEL) * 2 + END, "The form holds two files."),
    "too many fields": (
        form_of(WHEEL) + part(FIELD) * MAX_FIELDS + END,
        f"The form has more than {MAX_FIELDS} fields. Send fewer.",
    ),
    "a part without a name": (part("form-data") + WHOLE, "The form could not be read: Invalid Content-Disposition"),
    "a part of another kind": (part('attachment; name="a"') + WHOLE, "The form could not be read: Invalid Content-Dis"),
    "a part without a head": (f"--{BOUNDARY}\r\n\r\nvalue\r\n".encode() + WHOLE, "The form could not be read: Missing"),
    "a line without a colon": (part(FIELD, b"", b"nonsense") + WHOLE, "The form could not be read: Malformed"),
    "a line that goes on": (part(FIELD, b"", b" folded: x") + WHOLE, "The form could not be read"),
    "a long line": (part(FIELD, b"", b"X: " + b"a" * 9000) + WHOLE, "The form could not be read: Maximum segment head"),
    "an endless line": (f"--{BOUNDARY}\r\nX: ".encode() + b"a" * 90_000, "The form could not be read: Maximum segment"),
    "many lines": (
        part(FIELD, b"", *[b"X: a"] * 9) + WHOLE,
        "The form could not be read: Maximum segment header",
    ),
    "bare line feeds": (WHOLE.replace(b"\r\n", b"\n"), "The form could not be read"),
    "a false length": (part(FIELD, b"a", b"Content-Length: 5") + WHOLE, "The form could not be read: Segment size"),
    "a length below zero": (part(FIELD, b"a", b"Content-Length: -1") + WHOLE, "The form could not be read: Invalid"),
    "a value that is not UTF-8": (part(FIELD, b"\xff") + WHOLE, "summary: The value is not UTF-8."),
    "an unknown value that is not UTF-8": (part('form-data; name="x"', b"\xff") + WHOLE, "x: The value is not UTF-8."),
    "a name that is not UTF-8": (part(b'form-data; name="\xff"') + WHOLE, "The form could not be read: Segment header"),
    "a file name that is not UTF-8": (
        form_of(WHEEL) + part(b'form-data; name="content"; filename="\xff.whl"', b"x") + END,
        "The form could not be read: Segment header",
    ),
    "an extended file name that is not UTF-8": (
        form_of(WHEEL) + part("form-data; name=content; filename*=UTF-8''%FF.whl", b"x") + END,
        "The file name is not UTF-8.",
    ),
    "an extended file name in another charset": (
        form_of(WHEEL) + part("form-data; name=content; filename*=utf-7''demo.whl", b"x") + END,
        "Write filename* in UTF-8",
    ),
    "a file in a text field": (part(f'{FIELD}; filename="a.txt"', b"x") + WHOLE, "summary: Should not be a tuple."),
    "a file in a field with a NUL": (
        part('form-data; name="a\0"; filename="b"') + WHOLE,
        "a\0: Should not be",
    ),
    "content without a file name": (
        form_of(WHEEL) + part('form-data; name="content"', b"text") + END,
        "Upload payload does not have a file.",
    ),
    "content with an empty file name": (
        form_of(WHEEL) + part('form-data; name="content"; filename=""', b"text") + END,
        "Upload payload does not have a file.",
    ),
    "content as bytes without a file name": (
        form_of(WHEEL) + part('form-data; name="content"', b"\xff") + END,
        "content: The value is not UTF-8.",
    ),
    "a form inside the form": (
        form_of(WHEEL) + part(FIELD, b"--x\r\n\r\n--x--", b"Content-Type: multipart/mixed; boundary=x") + END,
        "Summary must be a single line",
    ),
    "a NUL in the file name": (
        form_of(WHEEL) + file_of(WHEEL, 'form-data; name="content"; filename="a\0.whl"') + END,
        "The file name holds control characters",
    ),
}


@pytest.mark.parametrize(("body", "sentence"), REFUSED.values(), ids=REFUSED.keys())
@pytest.mark.parametrize("block", [65536, 7])
def test_a_form_that_cannot_be_read_is_refused(index, authorization, body, sentence, block):
    if block < 100 and len(body) > 50_000:
        block = 1000
    with nothing_changes(index):
        answer = index.post(body, BOUNDARY, authorization=authorization, block=block)
    assert answer.status in (400, 405)
    assert (answer.reason or "").startswith(sentence), answer.reason


@pytest.mark.parametrize(
    "content_type",
    [
        "",
        "multipart/form-data",
        "multipart/form-data; boundary=",
        'multipart/form-data; boundary=""',
        "application/x-www-form-urlencoded",
        "multipart/mixed; boundary=warehouse-tests-boundary",
        "text/plain; boundary=warehouse-tests-boundary",
        "multipart/form-data; boundary=" + "b" * 2000,
        'multipart/form-data; boundary="a\nb"',
        "\xff",
    ],
)
def test_another_kind_of_body_is_refused(index, authorization, content_type):
    with nothing_changes(index):
        answer = index.post(WHOLE, "", authorization=authorization, headers={"content-type": content_type})
    assert answer.status == 400
    assert answer.reason.startswith(("Send the upload as multipart/form-data", "The boundary of the form"))


def test_a_huge_field_is_refused(index_with):
    index = index_with(UPLOAD__MAX_FORM_SIZE="64 KiB")
    ada = index.user("ada")
    for changes in ({"description": "a" * 70_000}, {"unknown": "a" * 70_000}, {"keywords": ["a" * 900] * 80}):
        refused(index, Attempt(by=ada, changes=changes), 413, "The form's fields are too large.")
    names = b"".join(part(f'form-data; name="{number:0900}"') for number in range(80))
    with nothing_changes(index):
        answer = index.post(names + WHOLE, BOUNDARY, authorization=basic("__token__", token_of(index, ada)))
    assert (answer.status, answer.reason[:30]) == (413, "The form's fields are too larg")
    accepted(index, Attempt(by=ada, changes={"gpg_signature": "a" * 70_000}))


@pytest.mark.parametrize("block", [1, 2, 3, 5, 64, 65536])
@pytest.mark.parametrize("epilogue", [b"", b"\r\n", b"\r\nwhatever follows", END])
def test_what_follows_the_last_boundary_does_not_matter_however_the_blocks_fall(index, authorization, block, epilogue):
    # RFC 2046: "implementations must ignore anything that appears before the first boundary delimiter line or after
    # the last one."
    answer = index.post(WHOLE + epilogue, BOUNDARY, authorization=authorization, block=block)
    assert (answer.status, answer.reason) == (200, None)


DISPOSITIONS = [
    'form-data; name="content"; filename="{}"',
    "form-data; name=content; filename={}",
    'form-data; filename="{}"; name="content"',
    "form-data; name=content; filename*=UTF-8''{}",
    "form-data; name=content; filename*=iso-8859-1'en'{}",
    "form-data; name=content; filename=\"{}\"; filename*=UTF-8''other.whl",
    'form-data; NAME="content"; FileName="{}"',
    'form-data; name="content"; filename="C:\\folder\\{}"',
]


@pytest.mark.parametrize("disposition", DISPOSITIONS)
def test_the_file_name_is_found_as_clients_write_it(index, authorization, disposition):
    body = form_of(WHEEL) + file_of(WHEEL, disposition.format(WHEEL.filename)) + END
    answer = index.post(body, BOUNDARY, authorization=authorization)
    assert (answer.status, answer.reason) == (200, None)
    assert index.filenames("demo") == [WHEEL.filename]


def test_an_extended_file_name_is_decoded(index, authorization):
    body = form_of(WHEEL) + file_of(WHEEL, "form-data; name=content; filename*=UTF-8''d%C3%A9mo-1.0-py3-none-any.whl")
    answer = index.post(body + END, BOUNDARY, authorization=authorization)
    assert answer.reason.startswith("The name in a wheel's file name is the normalised project name")


def test_fields_in_utf_8_arrive_as_they_were(index, authorization):
    dist = wheel(author="Ada Löveläce 🦆")
    answer = index.post(form_of(dist) + file_of(dist) + END, BOUNDARY, authorization=authorization, block=3)
    assert answer.status == 200
    assert run(index, "SELECT author FROM releases") == [("Ada Löveläce 🦆",)]


def test_the_boundary_may_stand_in_the_file(index, authorization):
    dist = wheel(files={"demo.bin": f"--{BOUNDARY}\r\n--{BOUNDARY}--".encode() * 3})
    body = form_of(dist) + file_of(dist) + END
    if f"\r\n--{BOUNDARY}".encode() in dist.content:
        pytest.fail("the file must not hold the delimiter itself")
    assert index.post(body, BOUNDARY, authorization=authorization, block=11).status == 200


def test_attestations_are_not_looked_at_yet(index, ada):
    accepted(index, Attempt(by=ada, changes={"attestations": "[]"}))


def test_a_strangers_file_is_thrown_away_as_it_comes(index):
    ask = index.post(WHOLE, BOUNDARY, authorization=None)
    assert ask.status == 403
    receiver = index.doors.receive(asked(index))
    receiver.begin()
    receiver.feed(WHOLE[:-100])
    assert list(index.tools.blobs.temporary().parent.iterdir()) == []
    receiver.abort()


def asked(index):
    headers = {"content-type": f"multipart/form-data; boundary={BOUNDARY}"}
    return Ask("POST", "/legacy/", "", headers, client="192.0.2.1")


def test_an_upload_that_is_given_up_leaves_nothing(index, authorization):
    ask = asked(index)
    ask.headers["authorization"] = authorization
    with nothing_changes(index):
        receiver = index.doors.receive(ask)
        receiver.begin()
        receiver.feed(WHOLE[:-100])
        assert len(list(index.tools.blobs.temporary().parent.iterdir())) == 1
        receiver.abort()
        receiver.abort()


# Anything at all ----------------------------------------------------------------------------------------------

SOME_SDIST = sdist(description="Text.", author_email="ada@example.com", project_urls=["Home, https://example.com/"])
WHOLE_SDIST = form_of(SOME_SDIST) + file_of(SOME_SDIST) + END
SPLICES = [
    b"\r\n",
    b"--" + BOUNDARY.encode(),
    END,
    b"\0",
    b"\xff",
    b'"',
    b";",
    b"UNKNOWN",
    b"=",
    b"name=",
    b"%",
    b"1" * 50,
]

splices = st.one_of(st.sampled_from(SPLICES), st.binary(max_size=8))
places = st.integers(0, len(WHOLE_SDIST))
mutations = st.lists(st.tuples(places, st.integers(0, 60), splices), min_size=1, max_size=6)


def mutated(body: bytes, changes) -> bytes:
    for at, length, splice in changes:
        body = body[:at] + splice + body[at + length :]
    return body


fuzzed = settings(
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    phases=[Phase.generate, Phase.shrink],
)

values = st.one_of(
    st.text(max_size=80), st.sampled_from(["1.0", "demo", "", "UNKNOWN", "\0", "🦆" * 300, "9" * 300, "[]"])
)
field_names = st.sampled_from([*SOME_SDIST.form(), "license", "dynamic", "requires_dist", "provides_extra", "keywords"])


def never_breaks(index, authorization, body, block):
    answer = index.post(body, BOUNDARY, authorization=authorization, block=block)
    assert answer.status in (200, 400, 403, 405, 410, 413), answer
    assert list(index.tools.blobs.temporary().parent.iterdir()) == []


@settings(fuzzed, max_examples=60)
@given(mutations, st.integers(1, 5000))
def test_a_damaged_body_never_breaks_the_door(index, authorization, changes, block):
    never_breaks(index, authorization, mutated(WHOLE_SDIST, changes), block)


@settings(fuzzed, max_examples=30)
@given(st.binary(max_size=600), st.integers(1, 100))
def test_random_bytes_never_break_the_door(index, authorization, body, block):
    never_breaks(index, authorization, body, block)


@settings(fuzzed, max_examples=60)
@given(st.dictionaries(field_names, st.lists(values, max_size=3), max_size=5))
def test_random_fields_never_break_the_door(index, authorization, changes):
    body, _ = multipart_body({**SOME_SDIST.form(), **changes}, [])
    never_breaks(index, authorization, body.removesuffix(END) + file_of(SOME_SDIST) + END, 65536)


@pytest.mark.slow
@settings(fuzzed, max_examples=5000)
@given(mutations, st.integers(1, 5000))
def test_many_damaged_bodies_never_break_the_door(index, authorization, changes, block):
    never_breaks(index, authorization, mutated(WHOLE_SDIST, changes), block)


@pytest.mark.slow
@settings(fuzzed, max_examples=3000)
@given(st.dictionaries(field_names, st.lists(values, max_size=3), max_size=5))
def test_many_random_fields_never_break_the_door(index, authorization, changes):
    body, _ = multipart_body({**SOME_SDIST.form(), **changes}, [])
    never_breaks(index, authorization, body.removesuffix(END) + file_of(SOME_SDIST) + END, 65536)
