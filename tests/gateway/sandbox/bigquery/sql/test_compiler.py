"""What functions need of the compiler."""

from gateway.sandbox.bigquery.sql.compiler import Compiler, QueryCompiler
from gateway.sandbox.bigquery.sql.expressions import Expressions
from gateway.sandbox.bigquery.sql.queries import Queries
from gateway.sandbox.bigquery.sql.scope import Scope
from tests.gateway.sandbox.bigquery.sql.asking import lookup


def test_the_compiler_is_what_functions_need() -> None:
    """The types say so, and names are given once."""
    queries: QueryCompiler = Queries(lookup)
    expressions: Compiler = Expressions(Scope(), queries, {})
    assert queries.alias() != queries.alias()
    assert expressions.queries is queries
