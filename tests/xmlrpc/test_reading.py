"""What is read as a call, and what is refused as none."""

from __future__ import annotations

import re
import tracemalloc
import xmlrpc.client
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from warehouse.standards.xmlrpc import DateTime, Unreadable, element, fault, read_call, response

LAUGHS = b"".join(b'<!ENTITY l%d "%s">' % (n, b"&l%d;" % (n - 1) * 10) for n in range(1, 12))
BILLION = b'<!DOCTYPE x [<!ENTITY l0 "ha">' + LAUGHS + b"]>"


def calling(value: str, method: str = "browse") -> bytes:
    """A call with one argument."""
    params = f"<params><param><value>{value}</value></param></params>"
    return f"<?xml version='1.0'?><methodCall><methodName>{method}</methodName>{params}</methodCall>".encode()


def argument(value: str):
    (found,) = read_call(calling(value)).arguments
    return found


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("", ""),
        ("text", "text"),
        (" text ", " text "),
        ("<string/>", ""),
        ("<string>a &lt; b &amp; c &#233;</string>", "a < b & c é"),
        ("<string><![CDATA[<int>1</int>]]></string>", "<int>1</int>"),
        ("\n  <int> 7\n</int>\n", 7),
        ("<i4>-7</i4>", -7),
        ("<i8>+9223372036854775808</i8>", 2**63),
        ("<boolean>1</boolean>", True),
        ("<boolean>0</boolean>", False),
        ("<double>-1.5e3</double>", -1500.0),
        ("<nil/>", None),
        ("<ex:nil/>", None),
        ("<base64>aGk=</base64>", b"hi"),
        ("<dateTime.iso8601>20260101T00:00:00</dateTime.iso8601>", DateTime("20260101T00:00:00")),
        ("<array><data/></array>", []),
        ("<array><data> <value>a</value> <value><int>1</int></value></data></array>", ["a", 1]),
        ("<struct/>", {}),
        ("<struct><member><name>a</name><value><nil/></value></member></struct>", {"a": None}),
    ],
)
def test_values_of_every_type_are_read(written, value):
    found = argument(written)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    "written",
    [
        "<int/>",
        "<int>1.0</int>",
        "<int>1_000</int>",
        "<int>\N{ARABIC-INDIC DIGIT ONE}</int>",
        "<int>0x1</int>",
        f"<int>{'9' * 5000}</int>",
        "<int>1</int><int>2</int>",
        "<int>1</int>text",
        "<int><int>1</int></int>",
        "<boolean>true</boolean>",
        "<boolean>2</boolean>",
        "<double>nan</double>",
        "<double>1e99999</double>",
        "<nil>0</nil>",
        "<base64>a</base64>",
        "<base64>\N{CAT FACE}</base64>",
        "<dateTime.iso8601>yesterday</dateTime.iso8601>",
        "<array/>",
        "<array><data/><data/></array>",
        "<array><data><int>1</int></data></array>",
        "<array>text<data/></array>",
        "<struct><member><name>a</name></member></struct>",
        "<struct><member><value/><name>a</name></member></struct>",
        "<struct><member><name><int>1</int></name><value/></member></struct>",
        "<struct><name>a</name></struct>",
        "<i1>1</i1>",
        "<unknown/>",
        "<STRING>a</STRING>",
    ],
)
def test_what_is_no_value_is_refused(written):
    with pytest.raises(Unreadable):
        argument(written)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b" ",
        b"call",
        b"\x00",
        b"\xff\xfe\x00",
        b"\x1f\x8b\x08\x00",
        b'{"method": "browse"}',
        b"<methodCall>",
        b"<methodCall/>",
        b"<methodCall></methodcall>",
        b"<methodResponse/>",
        b"<methodCall><methodName/></methodCall>",
        b"<methodCall><methodName> </methodName></methodCall>",
        b"<methodCall><params/><methodName>a</methodName></methodCall>",
        b"<methodCall><methodName>a</methodName><params/><params/></methodCall>",
        b"<methodCall><methodName>a</methodName>text</methodCall>",
        b"<methodCall><methodName><b/></methodName></methodCall>",
        b"<methodCall><methodName>a</methodName><params><value/></params></methodCall>",
        b"<methodCall><methodName>a</methodName><params><param/></params></methodCall>",
        b"<methodCall><methodName>a</methodName><params><param><value/><value/></param></params></methodCall>",
        b"<methodCall><methodName>&unknown;</methodName></methodCall>",
        b"<methodCall><methodName>&#0;</methodName></methodCall>",
        b"<methodCall><methodName>&#xD800;</methodName></methodCall>",
        b"<methodCall><methodName>\xff</methodName></methodCall>",
        b"<a:b xmlns:a=''/>" * 2,
        b"<a b='' b=''/>",
        b"<?xml version='1.0' encoding='ASCII'?><methodCall><methodName>\xc3\xa9</methodName></methodCall>",
        b"<?xml version='1.0' encoding='utf-7'?><a/>",
        b"<?xml version='1.0' encoding='unicode_escape'?><a/>",
        b"<?xml version='1.0' encoding='zlib'?><a/>",
        b"<?xml version='1.0' encoding='" + b"x" * 10_000 + b"'?><a/>",
        b"<?xml version='1.0' encoding='utf-16'?><methodCall/>",
        b"<?xml version='9.9'?><methodCall/>",
        b"<!DOCTYPE x><methodCall/>",
        b"<!DOCTYPE x SYSTEM 'file:///etc/passwd'><methodCall/>",
        b"<!DOCTYPE x [<!ENTITY % e SYSTEM 'http://127.0.0.1:1/'> %e;]><methodCall/>",
        BILLION + b"<methodCall><methodName>&l11;</methodName></methodCall>",
        b"<a>" * 20_000,
        b"<a>" * 7000 + b"</a>" * 7000,
        calling("<array><data><value>" * 800 + "</value></data></array>" * 800),
    ],
    ids=lambda body: repr(body[:70]),
)
def test_what_is_no_call_is_refused(body):
    with pytest.raises(Unreadable) as refusal:
        read_call(body)
    assert len(str(refusal.value)) < 100


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "iso-8859-1", "us-ascii", "ASCII"])
def test_a_call_is_read_in_the_encoding_that_it_declares(encoding):
    text = "é" if "ascii" not in encoding.lower() else "e"
    body = xmlrpc.client.dumps((text,), "browse", encoding=encoding).encode(encoding)
    assert read_call(body).arguments == (text,)


def test_the_largest_call_takes_little_memory():
    body = calling("<array><data>" + "<value/>" * 8000 + "</data></array>")
    tracemalloc.start()
    try:
        read_call(body)
        assert tracemalloc.get_traced_memory()[1] < 10 * 1024**2
    finally:
        tracemalloc.stop()


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**31), 2**31 - 1)
    | st.text(st.characters(codec="ascii", categories="L")),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("ab", max_size=3), inner, max_size=3),
    max_leaves=8,
)


@given(st.lists(VALUES, max_size=4), st.text("abc._", min_size=1))
def test_what_a_client_writes_is_what_is_read(arguments, method):
    call = read_call(xmlrpc.client.dumps(tuple(arguments), method, allow_none=True).encode())
    assert (call.method, list(call.arguments)) == (method, arguments)


@given(st.binary(max_size=300) | st.text("<>/&;![]'\" =?methodCallNamparsvu", max_size=200).map(str.encode))
def test_whatever_is_sent_is_a_call_or_is_refused(body):
    with suppress(Unreadable):
        read_call(body)


@given(st.lists(st.text() | st.integers() | st.none(), max_size=4))
def test_whatever_is_returned_can_be_read(value):
    body = response(value)
    assert body.isascii()
    ((found,), _) = xmlrpc.client.loads(body)
    assert found == [each if not isinstance(each, str) else LINE_END.sub("\n", ILLEGAL.sub("", each)) for each in value]


# XML 1.0, 2.2 and 2.11
ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
LINE_END = re.compile("\r\n?")


@given(st.integers(-(2**31), 2**31 - 1), st.text())
def test_whatever_a_fault_says_can_be_read(code, said):
    with pytest.raises(xmlrpc.client.Fault) as told:
        xmlrpc.client.loads(fault(code, said))
    assert told.value.faultCode == code


def test_text_is_written_as_references_to_its_characters():
    assert element("é & <\x00\ud800") == "<value><string>&#233; &amp; &lt;</string></value>"
