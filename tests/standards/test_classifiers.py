"""Trove classifiers."""

from __future__ import annotations

import pytest

from warehouse.standards.classifiers import KNOWN, REPLACEMENTS, unknown_or_deprecated


@pytest.mark.parametrize(
    "classifier", ["Programming Language :: Python :: 3", "Typing :: Typed", "License :: OSI Approved :: MIT License"]
)
def test_a_known_classifier_is_accepted(classifier):
    assert unknown_or_deprecated(classifier) is None


@pytest.mark.parametrize(
    "classifier", ["", "Private :: Do Not Upload", "typing :: typed", "Typing :: Typed ", "x" * 500]
)
def test_an_unknown_classifier_is_refused(classifier):
    sentence = unknown_or_deprecated(classifier)
    assert sentence is not None
    assert "no classifier" in sentence
    assert len(sentence) < 200


def test_a_deprecated_classifier_is_refused_and_its_replacement_named():
    classifier, replacements = next((old, new) for old, new in REPLACEMENTS.items() if new)
    sentence = unknown_or_deprecated(classifier)
    assert sentence is not None
    assert all(new in sentence for new in replacements)


def test_a_deprecated_classifier_without_replacement_is_refused():
    sentence = unknown_or_deprecated("Natural Language :: Ukranian")
    assert sentence is not None
    assert "deprecated" in sentence


def test_every_known_classifier_but_the_deprecated_is_accepted():
    assert {classifier for classifier in KNOWN if unknown_or_deprecated(classifier)} <= set(REPLACEMENTS)
