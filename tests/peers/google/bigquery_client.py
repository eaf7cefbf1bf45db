"""Makes tables, fills and asks them by google-cloud-bigquery; run by tests/peers/test_google_bigquery.py.

It runs in an environment of its own. The address of the sandbox is its only argument.
"""

import io
import json
import sys

from google.api_core.client_options import ClientOptions
from google.api_core.exceptions import BadRequest, NotFound
from google.auth.credentials import AnonymousCredentials
from google.cloud import bigquery
from google.cloud.bigquery import SchemaField

FIELDS = [
    SchemaField("id", "INTEGER", "REQUIRED"),
    SchemaField("name", "STRING"),
    SchemaField("tags", "STRING", "REPEATED"),
    SchemaField("at", "TIMESTAMP"),
    SchemaField("day", "DATE"),
    SchemaField("meta", "JSON"),
    SchemaField("part", "RECORD", fields=[SchemaField("x", "FLOAT"), SchemaField("b", "BYTES")]),
]
ROW = {
    "id": 1,
    "name": "a",
    "tags": ["x", "y"],
    "at": "2020-01-01T00:00:00Z",
    "day": "2020-01-02",
    "meta": '{"k": [1, 2]}',
    "part": {"x": 1.5, "b": "YWI="},
}


def reason(client: bigquery.Client, query: str) -> str:
    """Return why a query fails."""
    try:
        list(client.query(query).result())
    except (BadRequest, NotFound) as error:
        return str(error.errors[0]["reason"])
    return "none"


def main(url: str) -> None:
    """Print what the client saw as JSON."""
    client = bigquery.Client("p", AnonymousCredentials(), client_options=ClientOptions(api_endpoint=url))
    client.create_dataset("lab")
    client.create_table(bigquery.Table("p.lab.t", schema=FIELDS))
    inserted = client.insert_rows_json("p.lab.t", [ROW, {"id": 2}])
    wrong = client.insert_rows_json("p.lab.t", [{"id": "x"}])
    small = [SchemaField("id", "INTEGER"), SchemaField("name", "STRING")]
    rows = [{"id": number, "name": f"n{number}"} for number in range(25)]
    load = bigquery.LoadJobConfig(schema=small)
    loaded = client.load_table_from_json(rows, "p.lab.u", job_config=load).result().output_rows
    table = bigquery.LoadJobConfig(schema=small, skip_leading_rows=1, source_format="CSV")
    client.load_table_from_file(io.BytesIO(b'id,name\n1,"a,b"\n2,\n'), "p.lab.v", job_config=table).result()
    one = next(
        iter(client.query("SELECT name, tags, at, day, meta.k[1] AS k, part.b FROM lab.t WHERE id = 1").result())
    )
    given = bigquery.QueryJobConfig(
        default_dataset="p.lab", query_parameters=[bigquery.ScalarQueryParameter("i", "INT64", 12)]
    )
    seen = {
        "inserted": inserted,
        "wrong": wrong[0]["errors"][0]["reason"],
        "loaded": loaded,
        "listed": [tuple(each) for each in client.list_rows("p.lab.v")],
        "row": [str(each) for each in one.values()],
        "pages": len(list(client.query("SELECT * FROM lab.u").result(page_size=10))),
        "parameter": [
            tuple(each) for each in client.query("SELECT name FROM u WHERE id = @i", job_config=given).result()
        ],
        "count": [tuple(each) for each in client.query_and_wait("SELECT COUNT(*) FROM `p.lab.u`")],
        "reasons": [
            reason(client, query)
            for query in (
                "SELECT FORMAT('%d', 1)",
                "SELECT 1/0",
                "SELECT 1 FROM lab.nope",
                "SELEC 1",
                "DELETE FROM lab.t",
            )
        ],
    }
    client.delete_dataset("lab", delete_contents=True)
    seen["left"] = [each.dataset_id for each in client.list_datasets()]
    print(json.dumps(seen))  # noqa: T201


main(sys.argv[1])
