"""Mail is in the language that its reader chose, where there are translations."""

from __future__ import annotations

import pytest

from tests.mail.catalogues import write_catalogue
from warehouse.domain.accounts import User
from warehouse.infra import catalogues

GERMAN = {
    "Your password was changed": "Dein Kennwort wurde geändert",
    "When:": "Wann:",
    "day\0days": "Tag\0Tage",
    "hour\0hours": "Stunde\0Stunden",
    "%(count)s code is left. Make new ones before it is gone:\0"
    "%(count)s codes are left. Make new ones before they are gone:": "Noch %(count)s Code.\0Noch %(count)s Codes.",
    "The link is good for %(length)s, and you have to be signed in as %(username)s. You can have another one sent from "
    "your account's page.": "%(username)s, der Verweis gilt %(length)s.",
}


@pytest.fixture
def german(tmp_path, monkeypatch):
    """An index with German translations."""
    write_catalogue(tmp_path, "de", GERMAN)
    monkeypatch.setattr(catalogues, "FOLDER", tmp_path)


def speaks(index, user, language):
    with index.work() as work:
        work.db.get(User, user.id).language = language


def test_a_reader_is_written_to_in_their_language(german, index, mail, ada):
    speaks(index, ada, "de")
    mail.write(to=ada)
    [message] = mail.queued()
    assert message["subject"] == "[Warehouse] Dein Kennwort wurde geändert"
    assert "    Wann: " in message["text"]
    assert '<html lang="de">' in message["html"]
    # What nobody has translated yet stays as it is.
    assert "The password of your account ada" in message["text"]


@pytest.mark.parametrize("language", [None, "en", "fr", "../de", "de/LC_MESSAGES/../../de"])
def test_others_are_written_to_in_english(german, index, mail, ada, language):
    speaks(index, ada, language)
    mail.write(to=ada)
    [message] = mail.queued()
    assert message["subject"] == "[Warehouse] Your password was changed"
    assert '<html lang="en">' in message["html"]


@pytest.mark.parametrize(("left", "said"), [(1, "Noch 1 Code."), (3, "Noch 3 Codes.")])
def test_numbers_have_their_plurals(german, index, mail, ada, left, said):
    speaks(index, ada, "de")
    mail.write("recovery-code-used", to=ada, context={"left": left})
    assert said in mail.queued()[0]["text"]


def test_durations_are_translated_too(german, index, mail, ada):
    speaks(index, ada, "de")
    mail.write("verify-email", to=ada, context={"link": "http://localhost/"})
    assert "ada, der Verweis gilt 6 Stunden." in mail.queued()[0]["text"]


def test_the_languages_are_those_of_the_catalogues(german):
    assert catalogues.languages(catalogues.FOLDER) == ("en", "de")
