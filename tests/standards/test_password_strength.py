"""Which passwords withstand guessing."""

from __future__ import annotations

import threading

import pytest

from warehouse.standards.password_strength import is_strong, scored_part


@pytest.mark.parametrize(
    "password",
    ["correct horse battery staple", "kT9x!2zQ", "hamster unicycle", "Donaudampfschifffahrt!7", "пароль-из-шести-слов"],
)
def test_what_takes_long_to_guess_is_strong(password: str) -> None:
    assert is_strong(password)


@pytest.mark.parametrize(
    "password",
    [
        "",
        "a",
        "password",
        "Passw0rd",
        "p4$$w0rd",
        "12345678",
        "qwertyuiop",
        "a" * 4096,
        "abc" * 1000,
        "19901231",
        "drowssap",
    ],
)
def test_what_everybody_guesses_first_is_not(password: str) -> None:
    assert not is_strong(password)


@pytest.mark.parametrize(
    "password", ["zbigniewkowalczyk", "Zbigniew.Kowalczyk@Mail.Example", "ZbigniewKowalczyk1", "zk-the-maintainer"]
)
def test_what_is_known_of_its_owner_makes_a_password_weak(password: str) -> None:
    about = ["ZbigniewKowalczyk", "zbigniew.kowalczyk@mail.example", "zk-the-maintainer", ""]
    assert is_strong(password)
    assert not is_strong(password, about=about)
    assert is_strong(password), "what is known of one person is forgotten for the next"


def test_a_hundred_characters_decide_and_fewer_where_each_could_stand_for_many_letters() -> None:
    assert len(scored_part("correct horse battery staple " * 20)) == 100
    assert len(scored_part("0123456789abcdef" * 20)) == 100
    everything = "4@8({[<3690!|17$5+%2"
    assert 16 <= len(scored_part(everything * 20)) < 32
    assert is_strong(everything * 20)


def test_people_who_choose_at_the_same_time_are_told_apart() -> None:
    wrong: list[str] = []

    def choose(name: str) -> None:
        for _ in range(20):
            if is_strong(f"{name}-unmistakable", about=[f"{name}-unmistakable"]):
                wrong.append(name)
            if not is_strong(f"{name}-unmistakable", about=["somebody-else-entirely"]):
                wrong.append(name)

    threads = [threading.Thread(target=choose, args=(name,)) for name in ("kwiatkowska", "mbappesson", "oyelaran-j")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
