"""The grammars of SQL's dialects, with sqlglot's knowledge of functions taken out."""

from __future__ import annotations

from functools import cache
from typing import Any

from featurekit.frontends.spoken import Spoken
from featurekit.lazy import require

_PURPOSE = "to read SQL"
_CAST_LIKE = ("CAST", "TRY_CAST", "SAFE_CAST", "EXTRACT")


def grammar_of(dialect: Spoken) -> Any:
    """Return sqlglot's dialect, which knows its tokens."""
    module, name = dialect.grammar[1].split(".")
    return getattr(require(f"sqlglot.dialects.{module}", _PURPOSE), name)()


def parser_of(dialect: Spoken) -> Any:
    """Return a parser of the dialect whose calls stay as written and know where they stand."""
    errors = require("sqlglot.errors", _PURPOSE)
    made = _parser_class(*dialect.grammar[0].split("."))
    return made(
        dialect=grammar_of(dialect), error_level=errors.ErrorLevel.IMMEDIATE, max_nodes=50_000
    )


@cache
def _parser_class(module: str, name: str) -> Any:
    """Return a dialect's parser without functions: each call keeps its name and its arguments."""
    base: Any = getattr(require(f"sqlglot.parsers.{module}", _PURPOSE), name)
    errors = require("sqlglot.errors", _PURPOSE)

    expressions = require("sqlglot.expressions", _PURPOSE)
    parse_error: Any = errors.ParseError

    class Broken(parse_error):  # type: ignore[misc]  # a class that is not imported is Any
        """The parser's error with the token at which it happened."""

        token: Any = None

    class Placed(base):  # type: ignore[misc]  # a class that is not imported is Any
        """The dialect's grammar; calls stay as written and know where they stand."""

        FUNCTIONS: dict[str, Any] = {}  # noqa: RUF012  the parser reads a class attribute
        FUNCTION_PARSERS = {  # noqa: RUF012  the parser reads a class attribute
            **{name: base.FUNCTION_PARSERS[name] for name in _CAST_LIKE},
            "POSITION": lambda self: self.position(),
        }
        NO_PAREN_FUNCTION_PARSERS = {  # noqa: RUF012  the parser reads a class attribute
            "CASE": base.NO_PAREN_FUNCTION_PARSERS["CASE"]
        }
        TYPE_CONVERTERS: dict[Any, Any] = {}  # noqa: RUF012  DECIMAL gets no digits unasked

        def raise_error(self, message: str, token: Any = None) -> None:
            broken = Broken(message)
            broken.token = token or self._curr or self._prev
            raise broken

        def position(self) -> Any:
            """Read POSITION(part IN text) as the call STRPOS(text, part)."""
            given = self._parse_csv(self._parse_bitwise)
            if not self._match_text_seq("IN"):
                return expressions.Anonymous(this="POSITION", expressions=given)
            given.insert(0, self._parse_bitwise())
            return expressions.Anonymous(this="STRPOS", expressions=given)

        def _parse_function_call(self, *args: Any, **kwargs: Any) -> Any:
            token = self._curr
            made = super()._parse_function_call(*args, **kwargs)
            inner = made
            while inner is not None and type(inner).__name__ in {"Window", "Filter"}:
                inner = inner.this
            if inner is not None and token and "start" not in inner.meta:
                inner.update_positions(token)
            return made

    return Placed
