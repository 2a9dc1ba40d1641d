"""Another process that writes an index: `python -m tests.search.other_process FOLDER WHAT`.

`hold` puts one entry and keeps the writer until its input ends. `feed` puts three entries at a
time, and says how many it has put after each time, until it is killed. `rebuild` begins a new index
and waits.
"""

import sys
from itertools import count
from pathlib import Path

from archive.base.identifiers import ChartId, DocumentId, FacilityCode, FormCode, new_id
from search.contract import Entry
from search.tantivy.index import TantivyIndex


def entry(number: int) -> Entry:
    """Return an invented entry."""
    return Entry(
        document_id=DocumentId(new_id()),
        chart_id=ChartId(new_id()),
        facility=FacilityCode("01001"),
        department="K01",
        form=FormCode("01/BV1"),
        title="Bệnh án nội khoa",
        patient_name="Nguyễn Thử Hòa",
        identifiers=(f"SO{number:06d}",),
        body="Người bệnh sốt cao. " * 50,
    )


def main(folder: str, what: str) -> None:
    """Do `what` to the index in `folder`."""
    if what == "rebuild":
        with TantivyIndex.remade(Path(folder)) as half:
            half.put([entry(0)])
            print("half", flush=True)
            sys.stdin.read()
            raise KeyboardInterrupt
    index = TantivyIndex(Path(folder))
    if what == "hold":
        index.put([entry(0)])
        print("held", flush=True)
        sys.stdin.read()
        index.close()
        return
    for turn in count():
        index.put([entry(3 * turn + step) for step in range(3)])
        print(3 * turn + 3, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
