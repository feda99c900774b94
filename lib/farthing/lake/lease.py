"""One writer of the lake at a time, on any S3: claims are put, then listed; conditional puts are not needed.

The rules, and why they hold, are in ``docs/adr/0006-a-lease-of-claims.md``. In short: whoever lists the claims after
putting its own, and sees no other that lives, holds the lease; an older claim makes a newer one withdraw. A claim's age
is told by the store's clock alone, so the machines' clocks need not agree.
"""

import json
import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from itertools import count
from typing import NoReturn

from farthing.errors import FarthingError, ServiceDownError
from farthing.lake import layout
from farthing.lake.store import ObjectStore, StoredObject
from farthing.lake.witness import Witnesses

LIFETIME = timedelta(seconds=60)  # all writers of a lake must agree on it
MARGIN = timedelta(seconds=15)  # a holder stops this much before others take it for dead
RENEWED_EVERY = timedelta(seconds=15)
POLLED_EVERY = timedelta(seconds=1)


class LeaseHeldError(FarthingError):
    """Another run writes to the lake: the message says which and until when; wait, then run again."""


class LeaseLostError(FarthingError):
    """This run may no longer be the only one that writes: it stopped where it was, and a new run goes on from there."""


class Lease:
    """A claim on the lake, alive for as long as it is renewed in time."""

    def __init__(self, store: ObjectStore, key: str, *, owner: str, now: Callable[[], datetime]) -> None:
        """Put the claim."""
        self.key = key
        self._store = store
        self._owner = owner
        self._now = now
        self._valid_until = now() + LIFETIME - MARGIN  # counted from before the put, which may take its time
        self._put()

    @property
    def is_valid(self) -> bool:
        """Whether nobody can have taken this claim for dead yet."""
        return self._now() < self._valid_until

    def check(self) -> None:
        """Make sure of the lease before something that must not happen twice.

        :raises LeaseLostError: if it was not renewed in time.
        """
        if not self.is_valid:
            raise LeaseLostError(
                "This run could not keep the lake to itself (the lake did not answer, or this machine slept): "
                "run it again, it goes on from here."
            )

    def renew(self) -> bool:
        """Put the claim again, and say whether it is still alive; one that died stays dead."""
        valid_until = self._now() + LIFETIME - MARGIN
        if not self.is_valid:
            return False
        self._put()
        if not self.is_valid:  # the put arrived late: others may have listed in between
            return False
        self._valid_until = valid_until
        return True

    def withdraw(self) -> None:
        """Take the claim back."""
        self._store.delete([self.key])

    def _put(self) -> None:
        self._store.put(self.key, json.dumps({"owner": self._owner}).encode())


@contextmanager
def lease(
    store: ObjectStore,
    name: str,
    *,
    owner: str,
    witnesses: Witnesses,
    now: Callable[[], datetime],
    sleep: Callable[[float], None],
    patience: timedelta,
) -> Iterator[Lease]:
    """Hold a lease while the block runs; it is renewed in the background and given back at the end.

    :param name: what the lease is on.
    :param owner: who to name to those who wait, such as ``sync on box``.
    :param witnesses: tell which claims of this machine are of processes that died.
    :param now: the clock, used for spans of time only.
    :param patience: how long to wait for another run to end.
    :raises LeaseHeldError: if another run still has it then.
    """
    token = secrets.token_hex(8)
    with witnesses.alive(token):
        held = acquire(
            store, name, token=token, owner=owner, witnesses=witnesses, now=now, sleep=sleep, patience=patience
        )
        try:
            with _renewing(held):
                yield held
        finally:
            with suppress(ServiceDownError):  # the claim then dies by itself, and the witness with this process
                held.withdraw()
                witnesses.bury(token)


def acquire(
    store: ObjectStore,
    name: str,
    *,
    token: str,
    owner: str,
    witnesses: Witnesses,
    now: Callable[[], datetime],
    sleep: Callable[[float], None],
    patience: timedelta,
) -> Lease:
    """Claim the lease until it is had, or patience ends.

    :param token: names the process; unguessable, and new for each lease.
    :raises LeaseHeldError: if another run still has it when patience ends.
    """
    began = now()
    mine: Lease | None = None
    others: list[StoredObject] | None = None
    try:
        for attempt in count(1):
            if mine is not None and not mine.renew():
                mine.withdraw()
                mine = None
            if mine is None:
                # A claim that died is never put again: whoever removes it may take any time to do so.
                key = layout.claim_key(name, began=began, token=token, attempt=attempt)
                mine = Lease(store, key, owner=owner, now=now)
            others = _others(store, name, mine, witnesses)
            if others == [] and mine.is_valid:
                return mine
            if now() - began >= patience:
                break
            # The oldest claim stays, so that two which see each other do not both give up; and it looks more often,
            # so that it does not for ever see another that comes and goes.
            if not others or mine.key < others[0].key:
                sleep(POLLED_EVERY.total_seconds() / 4)
            else:
                mine.withdraw()
                mine = None
                sleep(POLLED_EVERY.total_seconds())
        _refuse(store, others or [])
    except BaseException:
        if mine is not None:
            mine.withdraw()
        witnesses.bury(token)
        raise


def _others(store: ObjectStore, name: str, mine: Lease, witnesses: Witnesses) -> list[StoredObject] | None:
    """List the other living claims, the oldest first, and remove the dead.

    :returns: null if our own claim is not there, for then nothing is known.
    """
    claims = [claim for claim in store.objects(layout.claims_prefix(name)) if layout.token_of(claim.key)]
    own = next((claim for claim in claims if claim.key == mine.key), None)
    if own is None:
        return None
    dead = {claim.key for claim in claims if claim is not own and _is_dead(claim, own, witnesses)}
    if dead:
        store.delete(sorted(dead))
        for key in dead:
            witnesses.bury(layout.token_of(key))
    return [claim for claim in claims if claim is not own and claim.key not in dead]


def _is_dead(claim: StoredObject, own: StoredObject, witnesses: Witnesses) -> bool:
    """Tell a claim that was not renewed: our own, put just now, shows what time it is by the store's clock."""
    return own.modified_at - claim.modified_at > LIFETIME or witnesses.is_dead(layout.token_of(claim.key))


def _refuse(store: ObjectStore, others: list[StoredObject]) -> NoReturn:
    if not others:
        raise LeaseHeldError("The lake is busy: wait a minute, then run this again.")
    oldest = others[0]
    try:
        owner = str(json.loads(store.get(oldest.key))["owner"])
    except (FileNotFoundError, ValueError):  # it is gone by now, or was put by nobody we know
        owner = "Another run"
    raise LeaseHeldError(
        f"{owner} is writing to the lake: wait until it is done, then run this again. "
        f"If it died, the lake is free at {oldest.modified_at + LIFETIME:%H:%M:%S} UTC."
    )


@contextmanager
def _renewing(held: Lease) -> Iterator[None]:
    """Renew in a thread of its own, for the work may keep this one busy for minutes."""
    is_over = threading.Event()

    def renew() -> None:
        while not is_over.wait(RENEWED_EVERY.total_seconds()):
            try:
                if not held.renew():
                    return
            except ServiceDownError:
                continue  # the next turn may come in time; if none does, the claim is no longer valid

    keeper = threading.Thread(target=renew, name="lease", daemon=True)
    keeper.start()
    try:
        yield
    finally:
        is_over.set()
        keeper.join()
