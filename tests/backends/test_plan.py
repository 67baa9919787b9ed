"""The order of computing: used views first, everything once, names decide the rest."""

from __future__ import annotations

from featurekit.backends.plan import Wanted, needed, ordered
from featurekit.ir.view import Grain, View


def view(name: str, *uses: str) -> View:
    return View(name, Grain.ENTITY, (), uses=uses)


VIEWS = {
    "a@1.0": view("a", "z@1.0", "m@1.0"),
    "z@1.0": view("z", "m@1.0"),
    "m@1.0": view("m"),
    "b@1.0": view("b"),
}


def test_a_view_comes_after_those_it_uses() -> None:
    assert ordered(VIEWS) == ("m@1.0", "z@1.0", "a@1.0", "b@1.0")
    assert ordered(dict(reversed(VIEWS.items()))) == ordered(VIEWS)


def test_a_used_view_that_is_elsewhere_is_left_out() -> None:
    assert ordered({"a@1.0": VIEWS["a@1.0"]}) == ("a@1.0",)


def test_only_what_the_wanted_answers_rest_on_is_needed() -> None:
    wanted = [Wanted("z@1.0", "z", "f", "z__f")]
    assert needed(wanted, VIEWS) == ("m@1.0", "z@1.0")
    assert needed([], VIEWS) == ()
