"""How the door answers: status, reason phrase, body, headers, and what is asked of it besides uploads."""

import orjson
import pytest

from tests.builders import wheel
from tests.index import basic
from tests.upload.attempts import Attempt, accepted, nothing_changes, refused, token_of
from warehouse.domain.site import FlagName, set_flag

HTML, JSON, TEXT = "text/html; charset=UTF-8", "application/json", "text/plain; charset=UTF-8"


def header(answer, name):
    return dict(answer.headers).get(name)


def test_a_refusal_has_its_sentence_in_the_reason_phrase_and_in_the_body(index):
    answer = refused(index, Attempt(by=index.user("ada"), changes={"name": "<b>"}), 400, "Name '<b>' is not valid")
    assert header(answer, "content-type") == HTML
    assert f"<h1>400 {escaped(answer.reason)}</h1>" in answer.body.decode()
    assert "<b>" not in answer.body.decode()


def escaped(text):
    return text.replace("<", "&lt;").replace(">", "&gt;").replace("'", "&#x27;")


@pytest.mark.parametrize(
    ("accept", "content_type"),
    [
        ("*/*", HTML),
        ("text/*;q=0.5", HTML),
        ("application/json, text/html", HTML),
        ("application/json", JSON),
        ("text/html;q=0, application/json;q=0.1", JSON),
        ("text/html;q=0, */*", JSON),
        ("text/plain", TEXT),
        ("image/png", TEXT),
        ("application/json;q=0.000", TEXT),
    ],
)
def test_the_body_is_what_the_client_can_read(index, accept, content_type):
    answer = refused(index, Attempt(headers={"accept": accept}), 403, "Invalid or non-existent authentication")
    assert header(answer, "content-type") == content_type
    assert "authentication information" in answer.body.decode()
    answer = accepted(index, Attempt(by=index.user("ada"), headers={"accept": accept}))
    assert header(answer, "content-type") == content_type


def test_json_has_the_message_the_status_line_and_the_title(index):
    attempt = Attempt(by=index.user("ada"), has_file=False, headers={"accept": "application/json"})
    sentence = "Upload payload does not have a file. Send it in the field content."
    assert orjson.loads(refused(index, attempt, 400, sentence).body) == {
        "message": sentence,
        "code": f"400 {sentence}",
        "title": "Bad Request",
    }


def test_answers_vary_by_who_asks(index):
    assert header(refused(index, Attempt(), 403, "Invalid"), "vary") == "Cookie, Authorization"
    assert header(accepted(index, Attempt(by=index.user("ada"))), "vary") == "Cookie, Authorization"


@pytest.mark.parametrize("action", ["submit", "submit_pkg_info", "doc_upload"])
@pytest.mark.parametrize("place", ["query", "field"])
def test_what_existed_once_is_gone(index, action, place):
    attempt = Attempt(query=f":action={action}") if place == "query" else Attempt(changes={"_action": action})
    refused(index, attempt, 410, "Projects are no longer" if action != "doc_upload" else "Documentation is no longer")


@pytest.mark.parametrize("action", ["remove_file", "", None, "UNKNOWN", "file_upload "])
def test_any_other_action_is_not_allowed(index, action):
    answer = refused(index, Attempt(by=index.user("ada"), changes={"_action": action}), 405, "Say what to do")
    assert header(answer, "allow") == "GET, HEAD, OPTIONS"


def test_the_action_may_stand_in_the_query_string_and_counts_first(index):
    ada = index.user("ada")
    accepted(index, Attempt(by=ada, changes={"_action": None}, query="%3Aaction=file_upload"))
    accepted(index, Attempt(wheel("demo", "2.0"), by=ada, changes={"_action": "submit"}, query=":action=file_upload"))
    refused(index, Attempt(by=ada, query=":action=nothing"), 405, "Say what to do")
    refused(index, Attempt(by=ada, query=":action=%FF"), 400, "The query string is not UTF-8.")


def test_a_session_cookie_opens_nothing(index):
    refused(index, Attempt(headers={"cookie": "session=anything"}), 403, "Invalid or non-existent authentication")


def test_a_closed_index_says_so_to_strangers_too(index):
    with index.work() as work:
        set_flag(work.db, FlagName.READ_ONLY, True)
    refused(index, Attempt(authorization=basic("__token__", "pypi-nothing")), 403, "Read-only mode:")


def test_uploads_can_be_switched_off_by_setting(index_with):
    index = index_with(UPLOAD__ENABLED="no")
    refused(index, Attempt(by=index.user("ada")), 403, "New uploads are temporarily disabled.")


def test_repeating_an_upload_writes_nothing(index):
    ada = index.user("ada")
    token = token_of(index, ada)
    accepted(index, Attempt(token=token))
    with nothing_changes(index):
        accepted(index, Attempt(token=token))


def test_uv_is_answered_with_json_which_it_can_read(index):
    accept = "application/json;q=0.9, text/plain;q=0.8, text/html;q=0.7"
    answer = index.upload(wheel(), headers={"accept": accept})
    assert dict(answer.headers)["content-type"] == "application/json"
