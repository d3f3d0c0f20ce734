"""What happens when an upload is accepted."""

from tests.builders import sdist, wheel


def test_a_first_upload_makes_the_project_and_installers_see_the_file(index):
    ada = index.user("ada")
    dist = wheel("demo", "1.0")
    answer = index.upload(dist, by=ada)
    assert (answer.status, answer.reason) == (200, None)
    page = index.simple("demo")
    assert [file["filename"] for file in page["files"]] == [dist.filename]
    assert page["files"][0]["hashes"] == {"sha256": dist.sha256}
    assert index.journal() == ["create", "add Owner ada", "new release", f"add py3 file {dist.filename}"]


def test_the_bytes_and_the_metadata_are_served_as_they_were_sent(index):
    dist = wheel("demo", "1.0")
    index.upload(dist, by=index.user("ada"))
    url = index.simple("demo")["files"][0]["url"]
    assert url.startswith("/packages/")
    assert sent(index.get(url)) == dist.content
    assert sent(index.get(url + ".metadata")) == dist.metadata


def test_the_same_file_again_is_accepted_and_changes_nothing(index):
    ada = index.user("ada")
    dist = sdist("demo", "1.0")
    index.upload(dist, by=ada)
    before = index.journal()
    assert index.upload(dist, by=ada).status == 200
    assert index.journal() == before


def sent(answer) -> bytes:
    """The bytes an answer's file slices stand for."""
    with open(answer.body.path, "rb") as file:
        return file.read()[answer.body.start : answer.body.end]
