"""Ways around the S3 door: other listeners of the store that know neither keys nor locks.

SeaweedFS keeps its files behind a filer (HTTP 8888, gRPC 18888), volume servers (8080, 18080) and a
master (9333, 19333). By default none of them authenticates a client: `DELETE /buckets/...` at the
filer removes what S3 has locked.
"""

from archive.conformance.case import Broken
from archive.conformance.cases.s3 import tries
from archive.conformance.trial import BODY, Trial
from archive.conformance.wire import probe, speaks_plain_http2

# (door, HTTP port, gRPC port): looked for on the store's own host unless the operator says where
# they are
USUAL = (("filer", 8888, 18888), ("volume", 8080, 18080), ("master", 9333, 19333))


def doors(trial: Trial) -> list[str]:
    """Return the addresses (`host:port`) to try: the configured ones, else the usual ones."""
    host = trial.subject.address.host
    addresses = trial.subject.doors or tuple(
        f"{host}:{port}" for _, *ports in USUAL for port in ports
    )
    return [door for door in addresses if door != trial.subject.address.endpoint]


@tries("door.closed")
def _door_closed(trial: Trial) -> None:
    open_doors = [door for door in doors(trial) if probe(f"http://{door}/") is not None]
    if open_doors:
        raise Broken(f"{len(open_doors)} of {len(doors(trial))} doors answer")


@tries("door.no_reading")
def _door_no_reading(trial: Trial) -> None:
    version = trial.put(trial.path(), until=trial.until())
    for door in doors(trial):
        for path in reached_by(trial, version):
            answer = probe(f"http://{door}{path}")
            if answer is not None and BODY in answer.body:
                raise Broken("an object is read without a key")


@tries("door.no_removing")
def _door_no_removing(trial: Trial) -> None:
    until = trial.until()
    version = trial.put(trial.path(), until=until)
    for door in doors(trial):
        for path in reached_by(trial, version):
            answer = probe(f"http://{door}{path}", "DELETE")
            if answer is not None:
                trial.note(answer.status)
    try:
        trial.must_stand(trial.path(), version, until=until)
    except Broken as gone:
        raise Broken("a locked object is removed without a key") from gone


@tries("door.no_plain_grpc")
def _door_no_plain_grpc(trial: Trial) -> None:
    spoken = [
        door
        for door in doors(trial)
        if speaks_plain_http2(door.rpartition(":")[0], int(door.rpartition(":")[2]))
    ]
    if spoken:
        raise Broken(f"{len(spoken)} doors speak gRPC with anybody")


def reached_by(trial: Trial, version: str) -> list[str]:
    """Return the paths under which a filer keeps a version.

    They are S3's newest version and the folder of all versions.
    """
    path = f"/buckets/{trial.path()}"
    return [path, f"{path}.versions/v_{version}"]
