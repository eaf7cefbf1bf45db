"""Queries in BigQuery's SQL with results worked out by hand from its reference; REFUSED where no answer is certain.

The tables: ``images`` with 4 rows, ``people`` with 3. Floats are exact in binary, or rounded in the query.
"""

from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any, Final

REFUSED: Final = "refused"
"""The query is refused before it runs, by the name of a construct."""
FAILED: Final = "failed"
"""The query ends with an error, in BigQuery and here."""
UNSURE: Final = "unsure"
"""The query ends with an error here, because the answer for a value is not certain."""

IMAGES = """
SELECT * FROM (VALUES
    (1, 'A', 'CT', DATE '2020-01-31', 1.5, ['x','y'], '{"Age": "042Y", "Dose": 7, "Tags": ["p","q"], "Nil": null}'),
    (2, 'A', 'MR', DATE '2020-02-29', NULL, [], '{"Age": "007D", "Dose": 2.5}'),
    (3, 'B', 'CT', NULL, -0.5, NULL, NULL),
    (4, NULL, 'CT', DATE '2021-03-01', 2.0, ['z'], '{"A b": {"C": true}}')
) AS t(id, patient, modality, day, dose, tags, meta)
"""
COLUMNS = {
    "images": [
        ("id", "INT64"),
        ("patient", "STRING"),
        ("modality", "STRING"),
        ("day", "DATE"),
        ("dose", "FLOAT64"),
        ("tags", "ARRAY<STRING>"),
        ("meta", "JSON"),
    ],
    "people": [("patient", "STRING"), ("born", "DATE")],
}
PEOPLE = "SELECT * FROM (VALUES ('A', DATE '1980-06-15'), ('B', NULL), ('C', DATE '2000-01-01')) AS t(patient, born)"


def utc(*parts: int) -> datetime:
    """Return a moment."""
    return datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type,misc]


def local(*parts: int) -> datetime:
    """Return a local time."""
    return datetime(*parts)  # type: ignore[arg-type]  # noqa: DTZ001


def one(*values: Any) -> list[tuple[Any, ...]]:
    """Return one row."""
    return [values]


def rows(*values: Any) -> list[tuple[Any, ...]]:
    """Return rows of one column."""
    return [(each,) for each in values]


CASES: dict[str, Any] = {
    # literals and operators
    "SELECT 1, -1, 2.5, 'a', TRUE, NULL": one(1, -1, 2.5, "a", True, None),
    "SELECT 7/2, 6/3": one(3.5, 2.0),
    "SELECT 1/0": FAILED,
    "SELECT NULL/0": one(None),
    "SELECT dose/0 FROM images WHERE id = 1": FAILED,
    "SELECT DIV(7, 2), DIV(-7, 2), MOD(-7, 3), MOD(7, -3)": one(3, -3, -1, 1),
    "SELECT DIV(1, 0)": FAILED,
    "SELECT MOD(1, 0)": FAILED,
    "SELECT SAFE_DIVIDE(1, 0), SAFE_DIVIDE(1, 4)": one(None, 0.25),
    "SELECT IEEE_DIVIDE(1, 0), IEEE_DIVIDE(-1, 0), IS_NAN(IEEE_DIVIDE(0, 0))": one(float("inf"), float("-inf"), True),
    "SELECT 9223372036854775807 + 1": FAILED,
    "SELECT 9223372036854775808": REFUSED,
    "SELECT -9223372036854775808": one(-(2**63)),
    "SELECT 2147483647 + 1": one(2147483648),
    "SELECT 3000000000 * 3": one(9000000000),
    "SELECT SAFE_ADD(9223372036854775807, 1), SAFE_MULTIPLY(4, 5), SAFE_NEGATE(3)": one(None, 20, -3),
    "SELECT 1e308 * 10": UNSURE,
    "SELECT 0x1F": one(31),
    "SELECT 'it\\'s', r'a\\b', \"dq\", '''x'''": one("it's", "a\\b", "dq", "x"),
    "SELECT 'a' || 'b', 'a' || NULL": one("ab", None),
    "SELECT [1, 2] || [3]": one([1, 2, 3]),
    "SELECT '1' = 1": REFUSED,
    "SELECT 1 = 1.0, 1 < 1.5": one(True, True),
    "SELECT NULL = NULL, NULL IS NULL, 1 IS NOT NULL": one(None, True, True),
    "SELECT NULL AND FALSE, NULL OR TRUE, NOT NULL": one(False, True, None),
    "SELECT (NULL = 1) IS TRUE, (1 = 1) IS NOT FALSE": one(False, True),
    "SELECT 1 IS DISTINCT FROM NULL, NULL IS NOT DISTINCT FROM NULL": one(True, True),
    "SELECT 5 BETWEEN 1 AND 5, 2 NOT BETWEEN 3 AND 4": one(True, True),
    "SELECT 3 IN (1, NULL), 1 IN (1, NULL), 2 NOT IN (1, 3)": one(None, True, True),
    "SELECT 'a%b' LIKE 'a\\\\%b', 'axb' LIKE 'a\\\\%b', 'axb' LIKE 'a_b', 'AXB' LIKE 'a%'": one(
        True, False, True, False
    ),
    "SELECT 1 & 2": REFUSED,
    "SELECT CASE WHEN 1 > 2 THEN 'a' WHEN NULL THEN 'b' ELSE 'c' END, CASE 3 WHEN 3 THEN 1.5 ELSE 2 END": one("c", 1.5),
    "SELECT IF(NULL, 1, 2), IFNULL(NULL, 3), COALESCE(NULL, NULL, 4), NULLIF(1, 1), NULLIF(1, 2)": one(
        2, 3, 4, None, 1
    ),
    "SELECT IF(TRUE, 'a', 1)": REFUSED,
    "SELECT GREATEST(1, 3, 2), LEAST(1, NULL), GREATEST(1, 2.5)": one(3, None, 2.5),
    # casts
    "SELECT CAST('12' AS INT64), CAST('-3' AS INT64), CAST(2.5 AS INT64), CAST(-2.5 AS INT64)": one(12, -3, 3, -3),
    "SELECT CAST(1.5 AS INT64), CAST(0.5 AS INT64), CAST(TRUE AS INT64), CAST(0 AS BOOL)": one(2, 1, 1, False),
    "SELECT CAST('1.5' AS INT64)": FAILED,
    "SELECT SAFE_CAST('1.5' AS INT64), SAFE_CAST('x' AS INT64), SAFE_CAST(NULL AS INT64)": one(None, None, None),
    "SELECT SAFE_CAST('0x1F' AS INT64)": UNSURE,
    "SELECT SAFE_CAST(' 7 ' AS INT64)": UNSURE,
    "SELECT CAST('1e3' AS FLOAT64), SAFE_CAST('abc' AS FLOAT64)": one(1000.0, None),
    "SELECT CAST('true' AS BOOL), SAFE_CAST('yes' AS BOOL)": one(True, None),
    "SELECT CAST(12 AS STRING), CAST(TRUE AS STRING), CAST(DATE '2020-01-05' AS STRING)": one(
        "12", "true", "2020-01-05"
    ),
    "SELECT CAST(1.5 AS STRING)": REFUSED,
    "SELECT CAST('2020-2-9' AS DATE), SAFE_CAST('2020-02-30' AS DATE), SAFE_CAST('x' AS DATE)": one(
        date(2020, 2, 9), None, None
    ),
    "SELECT CAST('2020-02-30' AS DATE)": REFUSED,
    "SELECT SAFE_CAST('2020-02-03 10:00' AS DATE)": UNSURE,
    "SELECT CAST(TIMESTAMP '2020-01-01 23:00:00-02' AS DATE)": one(date(2020, 1, 2)),
    "SELECT CAST(TIMESTAMP '2020-01-01 12:00:00+00' AS STRING)": one("2020-01-01 12:00:00+00"),
    "SELECT CAST('1' AS NUMERIC) + NUMERIC '0.5', CAST(NUMERIC '1.50' AS STRING)": one(Decimal("1.5"), "1.5"),
    "SELECT NUMERIC '1' / NUMERIC '3'": REFUSED,
    "SELECT CAST(x AS INT64 FORMAT '9') FROM UNNEST(['1']) AS x": REFUSED,
    # NULL order, DISTINCT, LIMIT
    "SELECT day FROM images ORDER BY day": rows(None, date(2020, 1, 31), date(2020, 2, 29), date(2021, 3, 1)),
    "SELECT day FROM images ORDER BY day DESC": rows(date(2021, 3, 1), date(2020, 2, 29), date(2020, 1, 31), None),
    "SELECT day FROM images ORDER BY day NULLS LAST LIMIT 1": rows(date(2020, 1, 31)),
    "SELECT dose FROM images ORDER BY dose": rows(None, -0.5, 1.5, 2.0),
    "SELECT x FROM UNNEST([1.5, IEEE_DIVIDE(0, 0), NULL]) AS x ORDER BY x DESC LIMIT 1": rows(1.5),
    "SELECT DISTINCT patient FROM images ORDER BY patient": rows(None, "A", "B"),
    "SELECT DISTINCT meta FROM images": REFUSED,
    "SELECT id FROM images ORDER BY 1 DESC LIMIT 2 OFFSET 1": rows(3, 2),
    "SELECT id AS n FROM images WHERE n = 1": REFUSED,
    "SELECT tags FROM images ORDER BY tags": REFUSED,
    "SELECT id FROM images ORDER BY -id LIMIT 1": rows(4),
    # groups and aggregates
    "SELECT patient, COUNT(*) AS n FROM images GROUP BY patient ORDER BY n DESC, patient": [
        ("A", 2),
        (None, 1),
        ("B", 1),
    ],
    "SELECT COUNT(*), COUNT(patient), COUNT(DISTINCT patient), COUNTIF(modality = 'CT') FROM images": one(4, 3, 2, 3),
    "SELECT SUM(id), AVG(id), MIN(day), MAX(dose), SUM(dose) FROM images": one(10, 2.5, date(2020, 1, 31), 2.0, 3.0),
    "SELECT SUM(id), COUNT(*), ARRAY_AGG(id) FROM images WHERE FALSE": one(None, 0, None),
    "SELECT modality, MAX(day) FROM images GROUP BY 1 HAVING COUNT(*) > 1": one("CT", date(2021, 3, 1)),
    "SELECT UPPER(modality) AS m, COUNT(*) FROM images GROUP BY m ORDER BY m": [("CT", 3), ("MR", 1)],
    "SELECT EXTRACT(YEAR FROM day) AS y, COUNT(*) FROM images GROUP BY y ORDER BY y": [(None, 1), (2020, 2), (2021, 1)],
    "SELECT ARRAY_AGG(patient IGNORE NULLS ORDER BY id DESC LIMIT 2) FROM images": one(["B", "A"]),
    "SELECT ARRAY_AGG(DISTINCT patient IGNORE NULLS ORDER BY patient) FROM images": one(["A", "B"]),
    "SELECT STRING_AGG(patient, '+' ORDER BY id), STRING_AGG(modality ORDER BY id) FROM images": one(
        "A+A+B", "CT,MR,CT,CT"
    ),
    "SELECT LOGICAL_AND(id > 0), LOGICAL_OR(id > 3), ANY_VALUE(id) > 0 FROM images": one(True, True, True),
    "SELECT STDDEV(x), VARIANCE(x) FROM UNNEST([1, 2, 3]) AS x": one(1.0, 1.0),
    "SELECT VARIANCE(x) FROM UNNEST([1]) AS x": one(None),
    "SELECT MAX(x) FROM UNNEST(['b', 'Z', 'a']) AS x": one("b"),
    "SELECT id, COUNT(*) FROM images": FAILED,
    "SELECT modality FROM images GROUP BY ROLLUP(modality)": REFUSED,
    "SELECT modality FROM images GROUP BY ALL": REFUSED,
    "SELECT APPROX_QUANTILES(id, 2) FROM images": REFUSED,
    "SELECT PERCENTILE_CONT(id, 0.5) OVER () FROM images": REFUSED,
    # windows
    "SELECT id, ROW_NUMBER() OVER (PARTITION BY patient ORDER BY id DESC) AS r FROM images ORDER BY id": [
        (1, 2),
        (2, 1),
        (3, 1),
        (4, 1),
    ],
    "SELECT id FROM images WHERE TRUE QUALIFY ROW_NUMBER() OVER (PARTITION BY patient ORDER BY day DESC) = 1"
    " ORDER BY id": rows(2, 3, 4),
    "SELECT LAG(id) OVER (ORDER BY id), LEAD(id, 2, 0) OVER (ORDER BY id) FROM images ORDER BY id": [
        (None, 3),
        (1, 4),
        (2, 0),
        (3, 0),
    ],
    "SELECT SUM(id) OVER (ORDER BY id ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) FROM images ORDER BY id": rows(
        1, 3, 5, 7
    ),
    "SELECT RANK() OVER (ORDER BY modality), DENSE_RANK() OVER (ORDER BY modality) FROM images ORDER BY id": [
        (1, 1),
        (4, 2),
        (1, 1),
        (1, 1),
    ],
    "SELECT FIRST_VALUE(day IGNORE NULLS) OVER (ORDER BY day) FROM images ORDER BY day LIMIT 2": rows(
        None, date(2020, 1, 31)
    ),
    "SELECT SUM(id) OVER w FROM images WINDOW w AS (ORDER BY id)": REFUSED,
    # arrays
    "SELECT x, o FROM UNNEST(['a', 'b']) AS x WITH OFFSET AS o ORDER BY o": [("a", 0), ("b", 1)],
    "SELECT x FROM UNNEST(['a', 'b']) AS x WITH OFFSET WHERE offset = 0": rows("a"),
    "SELECT id, tag, o FROM images, UNNEST(tags) AS tag WITH OFFSET AS o ORDER BY id, o": [
        (1, "x", 0),
        (1, "y", 1),
        (4, "z", 0),
    ],
    "SELECT id, tag FROM images LEFT JOIN UNNEST(tags) AS tag ORDER BY id, tag": [
        (1, "x"),
        (1, "y"),
        (2, None),
        (3, None),
        (4, "z"),
    ],
    "SELECT id, tag FROM images AS i, i.tags AS tag ORDER BY id, tag": [(1, "x"), (1, "y"), (4, "z")],
    "SELECT [1, 2][OFFSET(0)], [1, 2][ORDINAL(1)], [1, 2][SAFE_OFFSET(2)], [1, 2][SAFE_ORDINAL(0)], [7][0]": one(
        1, 1, None, None, 7
    ),
    "SELECT [1, 2][OFFSET(2)]": FAILED,
    "SELECT [1, 2][SAFE_OFFSET(-1)]": one(None),
    "SELECT tags[SAFE_OFFSET(1)] FROM images ORDER BY id": rows("y", None, None, None),
    "SELECT ARRAY_LENGTH(tags), 'y' IN UNNEST(tags) FROM images ORDER BY id": [
        (2, True),
        (0, False),
        (None, False),
        (1, False),
    ],
    "SELECT NULL IN UNNEST([1]), 2 IN UNNEST([1, NULL]), 1 IN UNNEST([1, NULL])": one(None, None, True),
    "SELECT ARRAY(SELECT x * 2 FROM UNNEST([3, 1, 2]) AS x WHERE x > 1 ORDER BY x)": one([4, 6]),
    "SELECT i, ARRAY(SELECT x FROM UNNEST(a) AS x ORDER BY x DESC LIMIT 2) FROM"
    " (SELECT 1 AS i, [1, 3, 2] AS a UNION ALL SELECT 2, [5, 6] UNION ALL SELECT 3, []) ORDER BY i": [
        (1, [3, 2]),
        (2, [6, 5]),
        (3, []),
    ],
    "SELECT ARRAY(SELECT x FROM UNNEST([1]) AS x WHERE x > 1)": one([]),
    "SELECT ARRAY_TO_STRING(['a', NULL, 'b'], '-'), ARRAY_TO_STRING(['a', NULL], '-', '?')": one("a-b", "a-?"),
    "SELECT ARRAY_CONCAT([1], [2, 3]), ARRAY_REVERSE([1, 2]), GENERATE_ARRAY(1, 7, 3)": one(
        [1, 2, 3], [2, 1], [1, 4, 7]
    ),
    "SELECT GENERATE_ARRAY(5, 1), GENERATE_ARRAY(3, 1, -1)": one([], [3, 2, 1]),
    "SELECT GENERATE_ARRAY(1, 2, 0)": FAILED,
    "SELECT GENERATE_DATE_ARRAY(DATE '2020-02-28', DATE '2020-03-01')": one(
        [date(2020, 2, 28), date(2020, 2, 29), date(2020, 3, 1)]
    ),
    "SELECT a, b FROM UNNEST([STRUCT(1 AS a, 'x' AS b), STRUCT(2, 'y')]) ORDER BY a": [(1, "x"), (2, "y")],
    "SELECT s.a.b FROM (SELECT STRUCT(STRUCT(5 AS b) AS a) AS s)": one(5),
    "SELECT [[1]]": REFUSED,
    "SELECT ARRAY_FILTER([1], x -> x > 0)": REFUSED,
    # JSON
    "SELECT meta.Age, meta.Nope FROM images WHERE id = 1": one('"042Y"', None),
    "SELECT JSON_VALUE(meta, '$.Age'), JSON_VALUE(meta, '$.Dose'), JSON_VALUE(meta, '$.Tags') FROM images WHERE id = 1": one(
        "042Y", "7", None
    ),
    "SELECT JSON_VALUE(meta, '$.Nil'), meta.Nil IS NULL, JSON_VALUE(meta.Dose) FROM images WHERE id = 1": one(
        None, False, "7"
    ),
    "SELECT JSON_VALUE(meta, '$.Dose') FROM images WHERE id = 2": one("2.5"),
    "SELECT JSON_VALUE(JSON '{\"a\": 1e2}', '$.a')": UNSURE,
    "SELECT meta['A b'].C, BOOL(meta['A b'].C), JSON_VALUE(meta, '$.\"A b\".C') FROM images WHERE id = 4": one(
        "true", True, "true"
    ),
    "SELECT meta.Tags[1], STRING(meta.Tags[1]), meta.Tags[5] FROM images WHERE id = 1": one('"q"', "q", None),
    "SELECT INT64(meta.Dose) + 1, LOWER(STRING(meta.Age)) FROM images WHERE id = 1": one(8, "042y"),
    "SELECT INT64(meta.Age) FROM images WHERE id = 1": FAILED,
    "SELECT FLOAT64(meta.Dose) FROM images WHERE id = 2": one(2.5),
    "SELECT JSON_VALUE_ARRAY(meta, '$.Tags') FROM images ORDER BY id": rows(["p", "q"], None, None, None),
    "SELECT ARRAY_LENGTH(JSON_QUERY_ARRAY(meta, '$.Tags')) FROM images WHERE id = 1": one(2),
    'SELECT x FROM UNNEST(JSON_VALUE_ARRAY(JSON \'["b", "a"]\')) AS x ORDER BY x': rows("a", "b"),
    "SELECT JSON_VALUE('{\"a\": \"x\"}', '$.a'), JSON_VALUE(NULL, '$.a')": REFUSED,
    "SELECT JSON_VALUE('{\"a\": \"x\"}', '$.a')": one("x"),
    "SELECT JSON_VALUE('{nonsense', '$.a')": UNSURE,
    "SELECT meta.Age = '042Y' FROM images": REFUSED,
    "SELECT JSON_VALUE(meta, '$..Age') FROM images": REFUSED,
    "SELECT JSON_TYPE(meta.Tags), JSON_TYPE(meta.Dose), JSON_TYPE(meta.Nil) FROM images WHERE id = 1": one(
        "array", "number", "null"
    ),
    "SELECT PARSE_JSON('{\"a\": 1}').a": one("1"),
    "SELECT SAFE.PARSE_JSON('{a')": one(None),
    "SELECT TO_JSON_STRING('a\"b')": one('"a\\"b"'),
    # texts
    "SELECT LENGTH('müller'), BYTE_LENGTH('müller'), UPPER('müller'), LOWER('ÄB')": one(6, 7, "MÜLLER", "äb"),
    "SELECT UPPER('Kåre'), LOWER('KÅRE')": one("KÅRE", "kåre"),
    "SELECT UPPER('straße')": UNSURE,
    "SELECT SUBSTR('abcde', 2, 3), SUBSTR('abcde', -2), SUBSTR('abcde', 0, 2), SUBSTR('abc', -9, 2), SUBSTR('abc', 9)": one(
        "bcd", "de", "ab", "ab", ""
    ),
    "SELECT SUBSTR('abc', 1, -1)": FAILED,
    "SELECT SAFE.SUBSTR('abc', 1, -1), SAFE.SUBSTR('abc', 1, 2)": one(None, "ab"),
    "SELECT CONCAT('a', 'b', 'c'), CONCAT('a', NULL)": one("abc", None),
    "SELECT TRIM('\\t a \\n'), LTRIM('xxa', 'x'), RTRIM('abb', 'b'), TRIM('xyaxy', 'yx')": one("a", "a", "a", "a"),
    "SELECT REPLACE('banana', 'an', 'x'), REPLACE('abc', '', 'x')": one("bxxa", "abc"),
    "SELECT STARTS_WITH('abc', 'ab'), ENDS_WITH('abc', 'bc'), STRPOS('abc', 'c'), STRPOS('abc', 'x')": one(
        True, True, 3, 0
    ),
    "SELECT SPLIT('a,b,,c'), SPLIT('a-b', '-'), SPLIT('')": one(["a", "b", "", "c"], ["a", "b"], [""]),
    "SELECT LPAD('7', 3, '0'), RPAD('ab', 4), LPAD('abc', 2)": one("007", "ab  ", "ab"),
    "SELECT REVERSE('abc'), REPEAT('ab', 2), LEFT('abc', 2), RIGHT('abc', 1)": one("cba", "abab", "ab", "c"),
    "SELECT REGEXP_CONTAINS('CT1', r'^[A-Z]+\\d$'), REGEXP_EXTRACT('a12b', r'(\\d+)'), REGEXP_EXTRACT('a', r'\\d')": one(
        True, "12", None
    ),
    "SELECT REGEXP_REPLACE('a1b22', r'(\\d)', r'<\\1>'), REGEXP_EXTRACT_ALL('a1b2', r'[a-z](\\d)')": one(
        "a<1>b<2><2>", ["1", "2"]
    ),
    "SELECT REGEXP_EXTRACT('ab', r'(a)(b)')": REFUSED,
    "SELECT TO_HEX(MD5('a')), TO_BASE64(b'abc')": one("0cc175b9c0f1b6a831c399e269772661", "YWJj"),
    "SELECT FORMAT('%d', 1)": REFUSED,
    "SELECT FARM_FINGERPRINT('a')": REFUSED,
    "SELECT INITCAP('ab cd')": REFUSED,
    # numbers
    "SELECT ROUND(2.5), ROUND(-2.5), ROUND(1.25, 1), TRUNC(-1.5), CEIL(1.2), FLOOR(-1.2)": one(
        3.0, -3.0, 1.3, -1.0, 2.0, -2.0
    ),
    "SELECT ABS(-3), SIGN(-2), POW(2, 10), SQRT(9), LN(1)": one(3, -1, 1024.0, 3.0, 0.0),
    "SELECT SQRT(-1)": FAILED,
    "SELECT LN(0)": FAILED,
    "SELECT SAFE.LN(0), SAFE.SQRT(-1)": one(None, None),
    "SELECT RAND()": REFUSED,
    # dates and times
    "SELECT DATE_TRUNC(day, MONTH) FROM images WHERE id = 1": one(date(2020, 1, 1)),
    "SELECT DATE_TRUNC(DATE '2020-05-20', WEEK), DATE_TRUNC(DATE '2020-05-20', ISOWEEK),"
    " DATE_TRUNC(DATE '2020-05-20', WEEK(WEDNESDAY)), DATE_TRUNC(DATE '2020-05-20', QUARTER)": one(
        date(2020, 5, 17), date(2020, 5, 18), date(2020, 5, 20), date(2020, 4, 1)
    ),
    "SELECT DATE_ADD(DATE '2020-01-31', INTERVAL 1 MONTH), DATE_SUB(DATE '2020-03-31', INTERVAL 1 QUARTER)": one(
        date(2020, 2, 29), date(2019, 12, 31)
    ),
    "SELECT DATE_DIFF(DATE '2020-01-05', DATE '2020-01-04', WEEK), DATE_DIFF(DATE '2020-01-06', DATE '2020-01-05', ISOWEEK),"
    " DATE_DIFF(DATE '2020-01-05', DATE '2020-01-04', ISOWEEK)": one(1, 1, 0),
    "SELECT DATE_DIFF(DATE '2020-02-01', DATE '2020-01-31', MONTH), DATE_DIFF(DATE '2019-12-31', DATE '2020-01-01', YEAR),"
    " DATE_DIFF(DATE '2020-03-01', DATE '2020-02-28', DAY)": one(1, -1, 2),
    "SELECT DATE '2020-01-01' + 31, DATE '2020-01-01' - 1": one(date(2020, 2, 1), date(2019, 12, 31)),
    "SELECT DATE(2020, 2, 29), DATE(TIMESTAMP '2020-01-01 23:30:00+00', 'Europe/Berlin'), LAST_DAY(DATE '2020-02-03')": one(
        date(2020, 2, 29), date(2020, 1, 2), date(2020, 2, 29)
    ),
    "SELECT DATE(2020, 2, 30)": FAILED,
    "SELECT EXTRACT(DAYOFWEEK FROM DATE '2020-01-05'), EXTRACT(WEEK FROM DATE '2020-01-04'),"
    " EXTRACT(ISOWEEK FROM DATE '2021-01-01'), EXTRACT(ISOYEAR FROM DATE '2021-01-01')": one(1, 0, 53, 2020),
    "SELECT EXTRACT(HOUR FROM TIMESTAMP '2020-07-01 22:30:00+00'),"
    " EXTRACT(DAY FROM TIMESTAMP '2020-07-01 22:30:00+00' AT TIME ZONE 'Europe/Berlin'),"
    " EXTRACT(MILLISECOND FROM TIMESTAMP '2020-07-01 22:30:01.25+00')": one(22, 2, 250),
    "SELECT TIMESTAMP '2020-07-01 12:00:00 Europe/Berlin', TIMESTAMP '2020-01-01', TIMESTAMP '2020-01-01T00:00:00Z'": one(
        utc(2020, 7, 1, 10), utc(2020, 1, 1), utc(2020, 1, 1)
    ),
    "SELECT TIMESTAMP '2020-03-29 02:30:00 Europe/Berlin'": REFUSED,
    "SELECT TIMESTAMP '2020-10-25 02:30:00 Europe/Berlin'": REFUSED,
    "SELECT DATETIME(TIMESTAMP '2020-01-01 12:00:00+00', 'Asia/Kolkata')": one(local(2020, 1, 1, 17, 30)),
    "SELECT TIMESTAMP(DATETIME '2020-07-01 12:00:00', 'Europe/Berlin')": one(utc(2020, 7, 1, 10)),
    "SELECT TIMESTAMP(DATETIME '2020-10-25 02:30:00', 'Europe/Berlin')": UNSURE,
    "SELECT TIMESTAMP_TRUNC(TIMESTAMP '2020-07-01 23:30:00+00', DAY),"
    " TIMESTAMP_TRUNC(TIMESTAMP '2020-07-01 23:30:00+00', DAY, 'Europe/Berlin')": one(
        utc(2020, 7, 1), utc(2020, 7, 1, 22)
    ),
    "SELECT TIMESTAMP_ADD(TIMESTAMP '2020-02-28 23:30:00+00', INTERVAL 45 MINUTE)": one(utc(2020, 2, 29, 0, 15)),
    "SELECT TIMESTAMP_ADD(TIMESTAMP '2020-02-28 23:30:00+00', INTERVAL 1 MONTH)": REFUSED,
    "SELECT TIMESTAMP_DIFF(TIMESTAMP '2020-01-02 00:00:00+00', TIMESTAMP '2020-01-01 12:00:00+00', DAY),"
    " TIMESTAMP_DIFF(TIMESTAMP '2020-01-01 00:00:00+00', TIMESTAMP '2020-01-01 01:30:00+00', HOUR)": one(0, -1),
    "SELECT DATETIME_DIFF(DATETIME '2020-01-02 00:00:00', DATETIME '2020-01-01 23:59:59', DAY)": one(1),
    "SELECT UNIX_SECONDS(TIMESTAMP '1970-01-02 00:00:00+00'), TIMESTAMP_SECONDS(-1)": one(
        86400, utc(1969, 12, 31, 23, 59, 59)
    ),
    "SELECT UNIX_SECONDS(TIMESTAMP '1969-12-31 23:59:59.5+00')": one(-1),
    "SELECT FORMAT_DATE('%Y%m%d', DATE '2020-02-09'), FORMAT_DATE('%b %d', DATE '2020-02-09')": one(
        "20200209", "Feb 09"
    ),
    "SELECT FORMAT_TIMESTAMP('%F %T', TIMESTAMP '2020-01-01 23:30:00+00', 'Europe/Berlin')": one("2020-01-02 00:30:00"),
    "SELECT FORMAT_DATE('%E4Y', DATE '2020-02-09')": REFUSED,
    "SELECT PARSE_DATE('%Y%m%d', '20200229'), SAFE.PARSE_DATE('%Y%m%d', '20200230'), SAFE.PARSE_DATE('%Y%m%d', 'x')": one(
        date(2020, 2, 29), None, None
    ),
    "SELECT SAFE.PARSE_DATE('%Y%m%d', '2020013')": UNSURE,
    "SELECT PARSE_DATE('%Y%m%d', '20200230')": FAILED,
    "SELECT TIME '12:30:00', EXTRACT(MINUTE FROM TIME '12:30:00')": one(time(12, 30), 30),
    "SELECT day = '2020-01-31', day < DATE '2020-02-01' FROM images WHERE id = 1": one(True, True),
    "SELECT COUNT(*) FROM images WHERE day BETWEEN '2020-01-01' AND '2020-12-31'": one(2),
    "SELECT DATE '2020-02-30'": REFUSED,
    "SELECT DATE '2020-01-01' - DATE '2019-01-01'": REFUSED,
    "SELECT INTERVAL 1 DAY": REFUSED,
    "SELECT CURRENT_DATE() >= DATE '2020-01-01', CURRENT_TIMESTAMP() > TIMESTAMP '2020-01-01'": one(True, True),
    # joins, subqueries, WITH, sets
    "SELECT i.id, p.born FROM images i JOIN people p ON i.patient = p.patient ORDER BY i.id": [
        (1, date(1980, 6, 15)),
        (2, date(1980, 6, 15)),
        (3, None),
    ],
    "SELECT i.id, p.patient FROM images i LEFT JOIN people p USING (patient) ORDER BY i.id": [
        (1, "A"),
        (2, "A"),
        (3, "B"),
        (4, None),
    ],
    "SELECT patient, COUNT(id) FROM images FULL JOIN people USING (patient) GROUP BY patient ORDER BY patient": [
        (None, 1),
        ("A", 2),
        ("B", 1),
        ("C", 0),
    ],
    "SELECT p.patient FROM people p WHERE NOT EXISTS (SELECT 1 FROM images i WHERE i.patient = p.patient)": rows("C"),
    "SELECT patient FROM people WHERE patient IN (SELECT patient FROM images WHERE modality = 'MR')": rows("A"),
    "SELECT patient FROM people WHERE patient NOT IN (SELECT patient FROM images)": [],
    "SELECT (SELECT MAX(id) FROM images), (SELECT id FROM images WHERE id > 9)": one(4, None),
    "SELECT (SELECT id FROM images)": FAILED,
    "SELECT patient, (SELECT COUNT(*) FROM images i WHERE i.patient = p.patient) FROM people p ORDER BY 1": [
        ("A", 2),
        ("B", 1),
        ("C", 0),
    ],
    "WITH a AS (SELECT 1 AS x), b AS (SELECT x + 1 AS x FROM a) SELECT a.x, b.x AS y FROM a, b": one(1, 2),
    "WITH RECURSIVE a AS (SELECT 1) SELECT * FROM a": REFUSED,
    "SELECT 1 AS x UNION ALL SELECT 2.5 ORDER BY x DESC": rows(2.5, 1.0),
    "SELECT 1 UNION DISTINCT SELECT 1": rows(1),
    "SELECT id FROM images EXCEPT DISTINCT SELECT 1 ORDER BY id": rows(2, 3, 4),
    "SELECT 1 INTERSECT DISTINCT SELECT 2": [],
    "SELECT 1 UNION ALL SELECT 'a'": REFUSED,
    "SELECT 'x' AS v UNION ALL SELECT NULL ORDER BY v": rows(None, "x"),
    "SELECT * EXCEPT (meta, tags, dose) REPLACE (id * 10 AS id) FROM images WHERE id = 1": one(
        10, "A", "CT", date(2020, 1, 31)
    ),
    "SELECT images.id FROM images WHERE images.modality = 'MR'": rows(2),
    "SELECT IMAGES.ID FROM images WHERE Modality = 'MR'": rows(2),
    "SELECT id FROM images i JOIN people p ON i.patient = p.patient WHERE patient = 'A'": REFUSED,
    "SELECT 1 AS a, 2 AS a": REFUSED,
    "SELECT * FROM images TABLESAMPLE SYSTEM (10 PERCENT)": REFUSED,
    "SELECT * FROM images FOR SYSTEM_TIME AS OF TIMESTAMP '2020-01-01'": REFUSED,
    "SELECT * FROM images PIVOT(COUNT(id) FOR modality IN ('CT'))": REFUSED,
    "FROM images |> WHERE id = 1": REFUSED,
    "SELECT AS STRUCT 1 AS a": REFUSED,
    "SELECT id FROM nowhere": REFUSED,
    "INSERT INTO images (id) VALUES (1)": REFUSED,
    "CREATE TABLE x AS SELECT 1": REFUSED,
    "SELECT 1; SELECT 2": REFUSED,
    "SELECT @@version": REFUSED,
    "SELECT read_text('/etc/passwd')": REFUSED,
    "SELECT * FROM '/etc/passwd'": REFUSED,
}
