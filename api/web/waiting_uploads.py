"""What a person brought and has not decided about: packets, and receipts."""

from uuid import UUID

from api.access.accounts import Account
from api.web.site import caller, site
from api.web.tasks import Task
from archive.access.actor import Permission
from archive.base.errors import NotFound

KIND = "incoming"


def receiver() -> Account:
    """Return the person, who may receive packets; raises Denied."""
    caller(Permission.INGEST)
    return caller(Permission.PACKET)


def waiting_uploads(account: str) -> list[Task]:
    """Return what an account brought and has not decided about, oldest first."""
    return [task for task in site().tasks.of_kind(account, KIND) if task.waits]


def upload_of(account: Account, key: UUID) -> Task:
    """Return what the account uploaded, whatever became of it; raises NotFound."""
    task = site().tasks.find(account.name, key)
    if task is None or task.kind != KIND:
        raise NotFound
    return task


def judged_upload(account: Account, key: UUID) -> Task:
    """Return an upload that was judged; raises NotFound."""
    task = upload_of(account, key)
    if task.is_running or task.error is not None:
        raise NotFound
    return task


def bytes_of(task: Task) -> bytes:
    """Return an upload's file; raises NotFound where it no longer waits."""
    if (file := task.file) is None:
        raise NotFound
    return file.read()
