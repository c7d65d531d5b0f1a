"""An experiment as rows that other programs read: one for each variant, replication and figure.

Invariant: every row names its seed and its replication, so that the one world it came from can be run again.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from sim.errors import JmlabError
from sim.whatif.comparison import Comparison

COLUMNS: Final = ("scenario", "variant", "seed", "replication", "figure", "value")


def rows(found: Comparison) -> Iterator[tuple[str, str, int, int, str, float]]:
    """In the order of variants, replications and figures."""
    experiment = found.experiment
    for variant in experiment.variants:
        for number, replication in found.results.items():
            for key, value in replication[variant.name].items():
                yield experiment.scenario, variant.name, experiment.seed, number, key, value


def csv_text(found: Comparison) -> str:
    """As CSV with a header (RFC 4180, lines ended by a line feed)."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(rows(found))
    return text.getvalue()


def write_parquet(found: Comparison, file: Path) -> None:
    """As a Parquet file, values as 64-bit floats; JmlabError without pyarrow, or where it cannot be written."""
    check_parquet()
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = pa.schema(
        [
            ("scenario", pa.string()),
            ("variant", pa.string()),
            ("seed", pa.int64()),
            ("replication", pa.int64()),
            ("figure", pa.string()),
            ("value", pa.float64()),
        ]
    )
    columns = list(zip(*rows(found), strict=True))
    columns[-1] = tuple(float(value) for value in columns[-1])
    table = pa.table([pa.array(column, field.type) for column, field in zip(columns, schema, strict=True)], schema)
    try:
        pq.write_table(table, file)
    except OSError as error:
        raise JmlabError(f"{file}: this cannot be written ({error.strerror or error})") from None


def check_parquet() -> None:
    """JmlabError without pyarrow; asked before anything is computed."""
    try:
        import pyarrow.parquet  # noqa: F401 # whether it is there
    except ImportError:
        raise JmlabError("--format parquet needs pyarrow; install it with: pip install 'jmlab[parquet]'") from None
