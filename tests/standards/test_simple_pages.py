"""The pages of a project, pinned byte by byte: mirrors and scripts read them with regular expressions."""

from datetime import datetime

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from warehouse.standards.simple import FileEntry, ProjectPage, project_html, project_json
from warehouse.standards.simple.html import escape

SDIST = FileEntry(
    filename="demo-1.tar.gz",
    version="1",
    url="https://files.example/packages/aa/bb/cc/demo-1.tar.gz",
    sha256="5" * 64,
    size=1234,
    upload_time=datetime(2026, 1, 2, 3, 4, 5, 123456),
    requires_python=">=3.9",
)
WHEEL = SDIST._replace(
    filename="demo-2-py3-none-any.whl",
    version="2",
    url="https://files.example/packages/dd/ee/ff/demo-2-py3-none-any.whl",
    requires_python=None,
    metadata_sha256="7" * 64,
)
PROVENANCE = "https://index.example/integrity/demo/2/demo-2-py3-none-any.whl/provenance"


def links(*files: FileEntry) -> list[str]:
    """The lines between the heading and the end of the body."""
    page = project_html(ProjectPage("demo", 1, files)).decode()
    return page.partition("</h1>\n")[2].partition("</body>")[0].splitlines()


def test_the_html_page_is_this_one_to_the_byte():
    assert project_html(ProjectPage("demo", 42, [SDIST])) == (
        b"<!DOCTYPE html>\n"
        b'<html lang="en">\n'
        b"  <head>\n"
        b'    <meta name="pypi:repository-version" content="1.4">\n'
        b'<meta name="pypi:project-status" content="active">    <title>Links for demo</title>\n'
        b"  </head>\n"
        b"  <body>\n"
        b"    <h1>Links for demo</h1>\n"
        b'<a href="https://files.example/packages/aa/bb/cc/demo-1.tar.gz#sha256=' + b"5" * 64 + b'" '
        b'data-requires-python="&gt;=3.9" >demo-1.tar.gz</a><br />\n'
        b"</body>\n"
        b"</html>\n"
        b"<!--SERIAL 42-->"
    )


def test_the_html_page_without_files_has_no_lines_in_between():
    assert project_html(ProjectPage("demo", 0)).endswith(
        b"    <h1>Links for demo</h1>\n</body>\n</html>\n<!--SERIAL 0-->"
    )


def test_the_reason_of_a_status_follows_the_status_on_its_line():
    page = ProjectPage("demo", 1, status="archived", status_reason='use "other" & <more>')
    assert (
        b'\n<meta name="pypi:project-status" content="archived">'
        b'<meta name="pypi:project-status-reason" content="use &#34;other&#34; &amp; &lt;more&gt;">'
        b"    <title>Links for demo</title>\n"
    ) in project_html(page)


HREF = f'href="{WHEEL.url}#sha256={WHEEL.sha256}" '
METADATA = f'data-dist-info-metadata="sha256={"7" * 64}" data-core-metadata="sha256={"7" * 64}"'


@pytest.mark.parametrize(
    ("changes", "attributes"),
    [
        ({"metadata_sha256": None}, ""),
        ({}, METADATA),
        ({"requires_python": ""}, METADATA),
        ({"yanked": ""}, 'data-yanked="" ' + METADATA),
        ({"yanked": "it's <broken>"}, 'data-yanked="it&#39;s &lt;broken&gt;" ' + METADATA),
        ({"provenance": PROVENANCE}, METADATA + f' data-provenance="{PROVENANCE}"'),
        ({"provenance": PROVENANCE, "metadata_sha256": None}, f' data-provenance="{PROVENANCE}"'),
        (
            {"provenance": PROVENANCE, "yanked": "broken", "requires_python": "!='3.0',<4"},
            'data-requires-python="!=&#39;3.0&#39;,&lt;4" data-yanked="broken" '
            + METADATA
            + f' data-provenance="{PROVENANCE}"',
        ),
    ],
)
def test_the_attributes_of_a_link_stand_in_their_order_with_their_spaces(changes, attributes):
    wheel = WHEEL._replace(**changes)
    assert links(wheel) == [f"<a {HREF}{attributes}>demo-2-py3-none-any.whl</a><br />"]


def test_markup_in_any_text_of_a_file_is_escaped_beside_files_that_have_none():
    odd = "a\"b'c<d>e&f"
    hostile = FileEntry(odd, "1", odd, odd, 1, SDIST.upload_time, odd, odd, odd, odd)
    seen = escape(odd)
    assert seen == "a&#34;b&#39;c&lt;d&gt;e&amp;f"
    assert links(WHEEL, hostile) == [
        *links(WHEEL),
        f'<a href="{seen}#sha256={seen}" data-requires-python="{seen}" data-yanked="{seen}" '
        f'data-dist-info-metadata="sha256={seen}" data-core-metadata="sha256={seen}" '
        f'data-provenance="{seen}">{seen}</a><br />',
    ]


def test_the_json_page_is_this_one_to_the_byte():
    assert project_json(ProjectPage("demo", 42, [SDIST, WHEEL._replace(yanked="naïve", provenance=PROVENANCE)])) == (
        (
            '{"files":['
            '{"core-metadata":false,"data-dist-info-metadata":false,"filename":"demo-1.tar.gz",'
            '"hashes":{"sha256":"' + "5" * 64 + '"},"provenance":null,"requires-python":">=3.9","size":1234,'
            '"upload-time":"2026-01-02T03:04:05.123456Z",'
            '"url":"https://files.example/packages/aa/bb/cc/demo-1.tar.gz","yanked":false},'
            '{"core-metadata":{"sha256":"' + "7" * 64 + '"},"data-dist-info-metadata":{"sha256":"' + "7" * 64 + '"},'
            '"filename":"demo-2-py3-none-any.whl","hashes":{"sha256":"' + "5" * 64 + '"},'
            '"provenance":"' + PROVENANCE + '","requires-python":null,"size":1234,'
            '"upload-time":"2026-01-02T03:04:05.123456Z",'
            '"url":"https://files.example/packages/dd/ee/ff/demo-2-py3-none-any.whl","yanked":"naïve"}],'
            '"meta":{"_last-serial":42,"api-version":"1.4"},"name":"demo","project-status":{"status":"active"},'
            '"versions":["1","2"]}\n'
        ).encode()
    )


def test_json_keys_are_sorted_at_every_level():
    page = project_json(ProjectPage("demo", 1, [SDIST, WHEEL], status="archived", status_reason="moved"))
    assert page == orjson.dumps(orjson.loads(page), option=orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE)


def test_versions_are_those_of_the_files_once_each_in_their_order():
    files = [SDIST._replace(version=version) for version in ("1.9", "1.10", "1.10", "2.0rc1", "2.0")]
    assert orjson.loads(project_json(ProjectPage("demo", 1, files)))["versions"] == ["1.9", "1.10", "2.0rc1", "2.0"]


@pytest.mark.parametrize(
    ("moment", "written"),
    [
        (datetime(2026, 1, 2, 3, 4, 5, 123456), "2026-01-02T03:04:05.123456Z"),
        (datetime(2026, 1, 2, 3, 4, 5, 120000), "2026-01-02T03:04:05.120000Z"),
        (datetime(2026, 1, 2, 3, 4, 5, 1), "2026-01-02T03:04:05.000001Z"),
        (datetime(2026, 1, 2, 3, 4, 5), "2026-01-02T03:04:05Z"),
        (datetime(1, 1, 1), "0001-01-01T00:00:00Z"),
    ],
)
def test_an_upload_time_is_written_as_pep_700_wants_it(moment, written):
    page = orjson.loads(project_json(ProjectPage("demo", 1, [SDIST._replace(upload_time=moment)])))
    assert page["files"][0]["upload-time"] == written


@pytest.mark.parametrize(("yanked", "written"), [(None, False), ("", True), ("broken", "broken")])
def test_a_yanked_file_says_why_or_just_that_it_is(yanked, written):
    page = orjson.loads(project_json(ProjectPage("demo", 1, [SDIST._replace(yanked=yanked)])))
    assert page["files"][0]["yanked"] is written or page["files"][0]["yanked"] == written


@pytest.mark.parametrize(("reason", "expected"), [(None, {}), ("", {}), ("malware", {"reason": "malware"})])
def test_a_status_has_a_reason_only_when_there_is_one(reason, expected):
    page = orjson.loads(project_json(ProjectPage("demo", 1, status="deprecated", status_reason=reason)))
    assert page["project-status"] == {"status": "deprecated", **expected}


def test_a_quarantined_project_offers_nothing_in_either_form():
    page = ProjectPage("demo", 7, [SDIST, WHEEL], status="quarantined")
    shown = orjson.loads(project_json(page))
    assert (shown["files"], shown["versions"], shown["project-status"]) == ([], [], {"status": "quarantined"})
    assert b"<a " not in project_html(page)


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_nothing_escaped_can_end_an_attribute_or_open_an_element(text):
    escaped = escape(text)
    assert not set("<>\"'") & set(escaped)
    for reference, character in (("&#34;", '"'), ("&#39;", "'"), ("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")):
        escaped = escaped.replace(reference, character)
    assert escaped == text
