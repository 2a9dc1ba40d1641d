"""Accession: the one way into the archive, by three steps under the lease of the chart.

    service.py     the way in: the steps in their order, and the receipts at the end
    parse.py       holds a submission against its chart: which papers are new, what is refused
    prepare.py     ids and one time (intents.py), rendered and sealed documents, kept in the spool
    commit.py      documents into the vault, the act that names them
    receipts.py    the answer: what each paper became, and its lock

A process may be killed after any step. A retry repeats the steps with the same results: the intent
keeps ids and time, the spool keeps the seals, the vault takes equal bytes twice, and the sequencer
finishes a pending act.
"""
