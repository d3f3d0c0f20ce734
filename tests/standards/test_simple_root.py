"""The root list: the same bytes however it came about, whole to every decoder."""

import gzip
import threading
import zlib

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from warehouse.standards.simple import RootList, root
from warehouse.standards.simple.gzip import member, pieces, segment, text_of

THREE = [("zope-interface", "zope.interface", 5), ("demo", "Demo", 3), ("frob", "frob", 4)]


def listing(*projects):
    """A list of these (normalized name, display name, serial), as it is loaded."""
    projects_ = RootList()
    projects_.load(packed(*projects))
    return projects_


def packed(*projects) -> str:
    return "\n".join(root.line(*project) for project in sorted(projects))


def names(projects: RootList) -> list[str]:
    return [entry["name"] for entry in orjson.loads(projects.assemble("json", "identity", 1))["projects"]]


def many(count: int) -> list[tuple[str, str, int]]:
    return [(f"project-{number:05}", f"Project.{number:05}", number) for number in range(count)]


def test_the_html_root_is_this_one_to_the_byte():
    assert listing(*THREE).assemble("html", "identity", 9) == (
        b"<!DOCTYPE html>\n"
        b'<html lang="en">\n'
        b"  <head>\n"
        b'    <meta name="pypi:repository-version" content="1.4">\n'
        b"    <title>Simple index</title>\n"
        b"  </head>\n"
        b"  <body>\n"
        b'    <a href="/simple/demo/">Demo</a>\n'
        b'    <a href="/simple/frob/">frob</a>\n'
        b'    <a href="/simple/zope-interface/">zope.interface</a>\n'
        b"  </body>\n"
        b"</html>\n"
        b"<!--SERIAL 9-->"
    )


def test_the_json_root_is_this_one_to_the_byte():
    assert listing(*THREE).assemble("json", "identity", 9) == (
        b'{"meta":{"_last-serial":9,"api-version":"1.4"},"projects":['
        b'{"_last-serial":3,"name":"Demo"},{"_last-serial":4,"name":"frob"},{"_last-serial":5,"name":"zope.interface"}]}\n'
    )


def test_an_empty_index_has_a_root_in_every_form():
    assert orjson.loads(RootList().assemble("json", "identity", 0)) == {
        "meta": {"_last-serial": 0, "api-version": "1.4"},
        "projects": [],
    }
    assert b"  <body>\n  </body>\n" in RootList().assemble("html", "identity", 0)
    assert gzip.decompress(RootList().assemble("html", "gzip", 0)) == RootList().assemble("html", "identity", 0)


def test_links_follow_the_base():
    projects = RootList("/team/simple/")
    projects.set("demo", "Demo", 1)
    assert b'<a href="/team/simple/demo/">Demo</a>' in projects.assemble("html", "identity", 1)


def test_display_names_are_escaped_for_their_form():
    projects = listing(("odd", 'a<b>&"', 1))
    assert b">a&lt;b&gt;&amp;&#34;</a>" in projects.assemble("html", "identity", 1)
    assert names(projects) == ['a<b>&"']


@pytest.mark.parametrize("form", ["html", "json"])
@pytest.mark.parametrize("count", [1, 999, 1000, 1001, 2500])
def test_the_compressed_list_decodes_everywhere_to_the_plain_one(form, count):
    projects = listing(*many(count))
    compressed = projects.assemble(form, "gzip", 7)
    plain = listing(*many(count)).assemble(form, "identity", 7)
    assert gzip.decompress(compressed) == plain
    decoder = zlib.decompressobj(zlib.MAX_WBITS | 16)  # what urllib3 uses
    assert decoder.decompress(compressed) == plain
    assert decoder.eof and decoder.unused_data == b"", "a single member, of which nothing is left over"
    if form == "json":
        assert len(orjson.loads(plain)["projects"]) == count


def test_changes_show_in_what_was_assembled_before():
    projects = listing(*many(2500))
    for form in ("html", "json"):
        projects.assemble(form, "gzip", 1)
        projects.assemble(form, "identity", 1)
    projects.set("project-01234", "Renamed", 9000)
    projects.set("project-00001", "Project.00001", 9001)  # HTML shows no serial of a project
    projects.set("aaa", "AAA", 9002)
    projects.set("zzz", "zzz", 9003)
    projects.remove("project-02499")
    rows = {name: (name, display, serial) for name, display, serial in many(2499)}
    rows["project-01234"] = ("project-01234", "Renamed", 9000)
    rows["project-00001"] = ("project-00001", "Project.00001", 9001)
    fresh = listing(*rows.values(), ("aaa", "AAA", 9002), ("zzz", "zzz", 9003))
    for form in ("html", "json"):
        assert projects.assemble(form, "identity", 2) == fresh.assemble(form, "identity", 2)
        assert gzip.decompress(projects.assemble(form, "gzip", 2)) == fresh.assemble(form, "identity", 2)


def test_a_change_compresses_one_part_again_and_a_serial_alone_no_html(monkeypatch):
    compressed = []

    def counting(text):
        compressed.append(len(text))
        return segment(text)

    monkeypatch.setattr(root.gzip, "segment", counting)
    projects = listing(*many(5000))
    projects.assemble("html", "gzip", 1)
    projects.assemble("json", "gzip", 1)
    assert len(compressed) == 2 * (len(projects._parts) + 2), "the parts, head and tail"
    compressed.clear()
    projects.set("project-02500", "Project.02500", 9999)
    projects.assemble("html", "gzip", 2)
    assert len(compressed) == 2, "head and tail"
    projects.assemble("json", "gzip", 2)
    assert len(compressed) == 2 + 3


def test_parts_are_cut_as_they_grow_and_vanish_when_they_are_empty():
    projects = RootList()
    for name, display, serial in many(4500):
        projects.set(name, display, serial)
    assert len(projects) == 4500
    assert max(part.count for part in projects._parts) < 2000
    for name, _, _ in many(4500):
        projects.remove(name)
    assert len(projects) == 0
    assert projects._parts == []
    projects.set("demo", "demo", 1)
    assert names(projects) == ["demo"]


def test_removing_the_last_projects_leaves_no_comma_behind():
    projects = listing(*many(1001))
    projects.assemble("json", "identity", 1)
    projects.assemble("json", "gzip", 1)
    projects.remove("project-01000")
    assert len(names(projects)) == 1000
    assert len(orjson.loads(gzip.decompress(projects.assemble("json", "gzip", 1)))["projects"]) == 1000


def test_removing_what_is_not_there_changes_nothing():
    projects = listing(*THREE)
    for name in ("aaa", "dem", "demo2", "zzz"):
        projects.remove(name)
    assert names(projects) == ["Demo", "frob", "zope.interface"]
    RootList().remove("demo")


@pytest.mark.parametrize("project", [("", "x", 1), ("a b", "x", 1), ("a", "x\ty", 1), ("a", "x\ny", 1), ("a", "", 1)])
def test_names_with_white_space_are_refused(project):
    projects = listing(*THREE)
    with pytest.raises(ValueError, match="white space"):
        projects.set(*project)
    assert len(projects) == 3


def test_projects_loaded_out_of_order_are_refused_and_change_nothing():
    projects = listing(*THREE)
    lines = packed(*many(4000)).split("\n")
    for wrong in (lines[2000:] + lines[:2000], lines + lines, [*lines, lines[-1], lines[0]]):
        with pytest.raises(ValueError, match="comes after"):
            projects.load("\n".join(wrong))
    assert names(projects) == ["Demo", "frob", "zope.interface"]


@pytest.mark.parametrize("count", [0, 1, 999, 1000, 1001, 2500])
def test_what_is_loaded_is_what_was_packed(count):
    projects = listing(*many(count))
    assert len(projects) == count
    assert names(projects) == [display for _, display, _ in many(count)]
    assert all(500 < part.count < 2000 for part in projects._parts[:-1])


def test_loading_replaces_everything():
    projects = listing(*many(1500))
    projects.load(packed(*THREE))
    assert names(projects) == ["Demo", "frob", "zope.interface"]
    projects.load("")
    assert names(projects) == []


FORMS = [(form, encoding) for form in ("html", "json") for encoding in ("identity", "gzip")]


def test_the_validator_changes_with_whatever_the_page_says():
    projects = listing(*many(2500))
    seen = set()

    def tell(serial: int) -> None:
        told = {projects.validator(form, encoding, serial) for form, encoding in FORMS}
        assert len(told) == 4 and not told & seen
        assert told == {projects.validator(form, encoding, serial) for form, encoding in FORMS}
        seen.update(told)

    tell(1)
    tell(2)
    projects.set("project-01234", "Renamed", 9)
    tell(2)
    projects.remove("project-00000")
    tell(2)
    projects.set("aaa", "aaa", 10)
    tell(2)


def test_the_validator_is_the_same_however_the_list_came_about():
    loaded = listing(*many(2500))
    grown = RootList(part_size=7)
    for project in reversed(many(2500)):
        grown.set(*project)
    for form, encoding in FORMS:
        assert grown.validator(form, encoding, 5) == loaded.validator(form, encoding, 5)


def test_the_validator_tells_the_checksum_of_the_page():
    projects = listing(*many(1500))
    for form, encoding in FORMS:
        page = projects.assemble(form, "identity", 7)
        assert projects.validator(form, encoding, 7) == f"{form}-{encoding}-7-{len(page):x}-{zlib.crc32(page):08x}"


def test_lists_assembled_while_a_writer_works_are_whole():
    projects = listing(*many(3000))
    done = threading.Event()
    wrong: list[str] = []

    def assemble():
        while not done.is_set():
            shown = orjson.loads(gzip.decompress(projects.assemble("json", "gzip", 1)))["projects"]
            links = projects.assemble("html", "identity", 1).count(b"<a ")
            if not 3000 <= len(shown) <= links <= 3200:
                wrong.append(f"{len(shown)} projects, then {links} links")

    readers = [threading.Thread(target=assemble) for _ in range(3)]
    for reader in readers:
        reader.start()
    for number in range(200):
        projects.set(f"project-01000-{number}", "New", number)
        projects.set(f"project-{number:05}", f"Project.{number:05}", 9000)
    done.set()
    for reader in readers:
        reader.join()
    assert wrong == []
    assert len(names(projects)) == 3200


class AsADictionary(RuleBasedStateMachine):
    """Any sequence of changes leaves the list that a dictionary would have."""

    names = st.sampled_from([f"{letter}{digit}" for letter in "abc" for digit in ("", "-1", "-2", "1")])

    def __init__(self):
        super().__init__()
        self.projects = RootList(part_size=2)
        self.expected = {}

    @rule(name=names, display=st.sampled_from(["same", "X", "Y.z"]), serial=st.integers(0, 3))
    def change(self, name, display, serial):
        shown = name if display == "same" else display
        self.projects.set(name, shown, serial)
        self.expected[name] = (shown, serial)

    @rule(name=names)
    def remove(self, name):
        self.projects.remove(name)
        self.expected.pop(name, None)

    @invariant()
    def equals_a_list_built_anew(self):
        shown = orjson.loads(gzip.decompress(self.projects.assemble("json", "gzip", 1)))["projects"]
        assert [(entry["name"], entry["_last-serial"]) for entry in shown] == [
            self.expected[name] for name in sorted(self.expected)
        ]
        links = self.projects.assemble("html", "identity", 1).count(b"<a ")
        assert links == len(self.projects) == len(self.expected)


TestAsADictionary = AsADictionary.TestCase


@given(st.lists(st.binary(max_size=300), max_size=8))
def test_segments_make_one_gzip_member_of_their_texts(texts):
    segments = [segment(text) for text in texts]
    assert gzip.decompress(member(segments)) == gzip.decompress(b"".join(pieces(segments))) == b"".join(texts)
    assert [text_of(each) for each in segments] == texts
