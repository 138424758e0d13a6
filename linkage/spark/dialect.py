"""The SQL of linkage, which is DuckDB's, as Spark's.

In that SQL `len` is of lists and `length` of texts. String distances keep their names, under which they are registered
with Spark (`linkage.spark.distances`).
"""

import sqlglot
from sqlglot import exp
from sqlglot.dialects import DuckDB, Spark


class LinkageSQL(DuckDB):  # type: ignore[misc]  # sqlglot's dialects are typed Any
    """DuckDB's SQL, with what is of lists told from what is of texts."""

    class Parser(DuckDB.Parser):  # type: ignore[misc]  # noqa: D106
        FUNCTIONS = {  # noqa: RUF012
            **DuckDB.Parser.FUNCTIONS,
            "LEN": exp.ArraySize.from_arg_list,
            "LIST_INTERSECT": exp.ArrayIntersect.from_arg_list,
            "LIST_HAS_ANY": lambda arguments: exp.Anonymous(this="ARRAYS_OVERLAP", expressions=arguments),
            "STRING_SPLIT": lambda arguments: exp.Anonymous(this="SPLIT", expressions=arguments),
            "JARO_WINKLER_SIMILARITY": lambda arguments: exp.Anonymous(
                this="JARO_WINKLER_SIMILARITY", expressions=arguments
            ),
        }


def to_spark(sql: str) -> str:
    """Translate an expression or a query."""
    return sqlglot.parse_one(sql, read=LinkageSQL).transform(_slices).sql(dialect=Spark)


def table_made(sql: str) -> tuple[str, str]:
    """Name and query, as Spark's SQL, of a statement that makes a table of a query."""
    statement = sqlglot.parse_one(sql, read=LinkageSQL)
    if not isinstance(statement, exp.Create):
        raise TypeError(f"not a CREATE TABLE: {type(statement).__name__}")
    return statement.this.name, statement.expression.transform(_slices).sql(dialect=Spark)


def _slices(node: exp.Expression) -> exp.Expression:
    """`text[2:4]` as a call of SUBSTRING."""
    if not (isinstance(node, exp.Bracket) and isinstance(node.expressions[0], exp.Slice)):
        return node
    part = node.expressions[0]
    first = int(part.this.name) if part.this else 1
    length = int(part.expression.name) + 1 - first
    return exp.Substring(this=node.this, start=exp.Literal.number(first), length=exp.Literal.number(length))
