"""Who is granted what: overlaps, depth, what is told, and what it costs on a large index."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from tests.builders import wheel
from tests.namespaces.conftest import grant, revoke
from warehouse.errors import Conflict, Invalid, NotAllowed, NotFound
from warehouse.operations.namespaces import all_namespaces


def granted(index) -> list[tuple[str, str]]:
    with index.work() as work:
        return [(namespace.name, owner) for namespace, owner in all_namespaces(work)]


# What bob asks for when ada has "foo-bar"; PEP 752: "Grants do not overlap between owners".
@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        (
            "foo-bar",
            "The namespace 'foo-bar' belongs to ada. Revoke it first with 'warehouse namespace revoke foo-bar'.",
        ),
        (
            "Foo.BAR",
            "The namespace 'foo-bar' belongs to ada. Revoke it first with 'warehouse namespace revoke foo-bar'.",
        ),
        ("foo", "'foo' would cover the namespace 'foo-bar', which belongs to ada: only they can be granted it."),
        (
            "foo-bar-baz",
            "'foo-bar-baz' is in the namespace 'foo-bar', which belongs to ada: only they can be granted more of it.",
        ),
        ("foobar", None),
        ("foo-barn", None),
        ("foo-b", None),
        ("fo", None),
        ("foo-zap", None),
        ("bar", None),
    ],
)
def test_grants_do_not_overlap_between_owners(named, asked, sentence):
    grant(named, "foo-bar", named.ada)
    if sentence is None:
        grant(named, asked, named.bob)
        assert sorted(granted(named)) == sorted([("foo-bar", "ada"), (asked, "bob")])
    else:
        with pytest.raises(Conflict) as refusal:
            grant(named, asked, named.bob)
        assert refusal.value.sentence == sentence
        assert granted(named) == [("foo-bar", "ada")]


@pytest.mark.parametrize("asked", ["foo", "foo-bar-baz", "foo-bar"])
def test_one_owner_has_what_overlaps(named, asked):
    grant(named, "foo-bar", named.ada)
    grant(named, asked, named.ada)
    assert dict(granted(named)) == {"foo-bar": "ada", asked: "ada"}


def test_granting_again_changes_nothing(named):
    grant(named, "foo", named.ada)
    entries = named.journal()
    grant(named, "FOO", named.ada)
    assert (granted(named), named.journal()) == ([("foo", "ada")], entries)


def test_what_was_revoked_can_be_granted_to_somebody_else(named):
    grant(named, "foo", named.ada)
    revoke(named, "Foo")
    assert granted(named) == []
    grant(named, "foo", named.bob)
    assert granted(named) == [("foo", "bob")]


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ("a-b-c-d-e", "'a-b-c-d-e' is too deep: a namespace has at most 3 hyphens here (namespaces.max_depth)."),
        ("a b", "'a b' cannot be a namespace: it is named as projects are, with ASCII letters, digits, '.', '_' and "
         "'-', a letter or digit at both ends."),
        ("foo-", "'foo-' cannot be a namespace: it is named as projects are, with ASCII letters, digits, '.', '_' and "
         "'-', a letter or digit at both ends."),
    ],
)  # fmt: skip
def test_a_name_that_cannot_be_a_namespace_is_refused(named, asked, sentence):
    with pytest.raises(Invalid) as refusal:
        grant(named, asked, named.ada)
    assert refusal.value.sentence == sentence


def test_the_depth_is_a_setting(index_with):
    index = index_with(NAMESPACES__ENABLED="true", NAMESPACES__MAX_DEPTH="0")
    ada = index.user("ada")
    grant(index, "foo", ada)
    with pytest.raises(Invalid):
        grant(index, "foo-bar", ada)


def test_an_index_without_namespaces_grants_none(index):
    with pytest.raises(Conflict) as refusal:
        grant(index, "foo", index.user("ada"))
    assert refusal.value.sentence == (
        "This index has no namespaces. Set namespaces.enabled, restart the index and try again."
    )


def test_what_is_not_there_cannot_be_revoked(named):
    with pytest.raises(NotFound):
        revoke(named, "foo")


def test_only_those_who_run_the_index_grant_and_revoke(named):
    with pytest.raises(NotAllowed):
        grant(named, "foo", named.ada, actor=named.actor(named.ada))
    grant(named, "foo", named.ada)
    with pytest.raises(NotAllowed):
        revoke(named, "foo", actor=named.actor(named.ada))


def test_each_project_that_is_covered_and_the_name_itself_get_an_entry(named):
    for name in ("foo-a", "Foo_b", "foobar", "fo"):
        assert named.upload(wheel(name, "1.0"), by=named.bob).status == 200
    before = len(named.journal())
    grant(named, "foo", named.ada)
    revoke(named, "foo")
    rows = named.tools.database.rows(
        "SELECT project, normalized_name, change, action FROM journal WHERE serial > %(serial)s ORDER BY serial",
        {"serial": before},
    )
    covered = [("foo", "foo"), ("foo-a", "foo-a"), ("Foo_b", "foo-b")]
    assert rows == [(*name, "project changed", "namespace foo granted") for name in covered] + [
        (*name, "project changed", "namespace foo revoked") for name in covered
    ]


def test_the_audit_trail_keeps_it_under_the_namespace(named):
    named.upload(wheel("foo-a", "1.0"), by=named.bob)
    grant(named, "foo", named.ada)
    query = "SELECT subject, tag, actor, details FROM audit_events WHERE subject LIKE 'namespace:%%'"
    assert named.tools.database.rows(query, {}) == [
        ("namespace:foo", "namespace:grant", "operator", {"owner": "ada", "projects": 1})
    ]


def test_an_account_that_owns_a_namespace_cannot_be_deleted(named):
    grant(named, "foo", named.ada)
    with pytest.raises(Exception, match="fk_namespaces_owner_id_users"), named.work() as work:
        work.db.execute(text("DELETE FROM users WHERE username = 'ada'"))


def test_covered_projects_and_covering_grants_are_found_through_indexes(named):
    with named.work() as work:
        work.db.execute(
            text(
                "INSERT INTO projects (name, normalized_name, lookalike_name)"
                " SELECT n, n, n FROM generate_series(1, 20000) i,"
                " LATERAL (SELECT 'group' || i % 500 || '-' || i AS n) AS names"
            )
        )
        work.db.execute(text("ANALYZE projects"))
        plan = work.db.scalars(text(
            "EXPLAIN SELECT name FROM projects WHERE normalized_name = 'group7'"
            " OR (normalized_name ~>=~ 'group7-' AND normalized_name ~<~ 'group7.')"
        )).all()  # fmt: skip
    assert "ix_projects_beginning" in "".join(plan)
    assert "Seq Scan" not in "".join(plan)
    grant(named, "group7", named.ada)
    assert len(named.journal()) == 41
