"""Preparation: papers become the sealed documents that are archived.

service.py          the one way in: each paper goes through a batch to this process or the pool
batching.py         callers that wait at the same time share a batch
in_process.py       the two steps themselves, rendering and sealing
pool.py             worker processes: the work is divided, and a lost worker is replaced
worker_process.py   one worker, as its parent sees it
worker_protocol.py  the messages between them
worker.py           what a worker runs
contract.py         the values that go in and come out
"""
