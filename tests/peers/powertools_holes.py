"""What AWS Lambda Powertools' idempotency does with ten ordinary faults.

The destination is a list: what is in it was posted. The table is moto's DynamoDB, in this process.
Everything is the library's default but the key, which is the entry's id. Time is moved, not waited
for: the library reads its clock through the shim below. docs/exactly-once.md tells how to run it.
"""

import datetime
import json
import os
import sys
import types
import warnings
from importlib.metadata import version

os.environ.update(
    AWS_ACCESS_KEY_ID="test",
    AWS_SECRET_ACCESS_KEY="test",
    AWS_DEFAULT_REGION="eu-central-1",
    POWERTOOLS_SERVICE_NAME="post",
)

import boto3
from aws_lambda_powertools.utilities.idempotency import (
    DynamoDBPersistenceLayer,
    IdempotencyConfig,
    idempotent_function,
)
from aws_lambda_powertools.utilities.idempotency.persistence import base, datarecord, dynamodb
from moto import mock_aws

LEASE_MS = 60_000
ENTRY = {"id": "501", "hours": 8}


class Clock:
    """The machine's clock, and what a test adds to it."""

    ahead = datetime.timedelta()

    @classmethod
    def now(cls, zone=None):
        return datetime.datetime.now(zone) + cls.ahead

    fromtimestamp = datetime.datetime.fromtimestamp

    @classmethod
    def add(cls, seconds):
        cls.ahead += datetime.timedelta(seconds=seconds)


for module in (base, datarecord, dynamodb):
    module.dt = types.SimpleNamespace(datetime=Clock, timedelta=datetime.timedelta)


class Context:
    """What Lambda tells a function: how long it may still run."""

    def get_remaining_time_in_millis(self):
        return LEASE_MS


class Killed(BaseException):
    """The process ends: nobody catches it."""


class World:
    """An empty table and an empty destination."""

    def __init__(self):
        Clock.ahead = datetime.timedelta()
        self.posted = []
        self.table = boto3.resource("dynamodb").create_table(
            TableName="idempotency",
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )

    def close(self):
        self.table.delete()

    def worker(self, body):
        """A function of its own process, protected by the library."""
        config = IdempotencyConfig(event_key_jmespath="id")
        config.register_lambda_context(Context())
        store = DynamoDBPersistenceLayer(table_name="idempotency")

        def post(entry):
            return body(entry)

        protected = idempotent_function(
            post, data_keyword_argument="entry", persistence_store=store, config=config, key_prefix="post"
        )
        return lambda entry: protected(entry=entry)

    def commit(self, entry):
        self.posted.append(dict(entry))
        return {"line": len(self.posted)}

    def good(self, entry=ENTRY):
        return self.worker(self.commit)(entry)

    def record(self):
        items = self.table.scan()["Items"]
        return items[0] if items else None


def expect(error, call, *arguments):
    try:
        call(*arguments)
    except error:
        return
    raise AssertionError(f"{error.__name__} was expected")


def h1(world):
    """The destination commits, the client sees a timeout; retry."""

    def body(entry):
        world.commit(entry)
        raise TimeoutError

    expect(TimeoutError, world.worker(body), ENTRY)
    world.good()
    return len(world.posted) == 1


def h2(world):
    """Killed between the commit and COMPLETED; retry after the lease."""

    def body(entry):
        world.commit(entry)
        raise Killed

    expect(Killed, world.worker(body), ENTRY)
    Clock.add(LEASE_MS / 1000 + 1)
    world.good()
    return len(world.posted) == 1


def h3(world):
    """The lease ends while the destination is slow: a zombie and a new owner."""

    def body(entry):
        Clock.add(LEASE_MS / 1000 + 1)
        world.good()
        return world.commit(entry)

    world.worker(body)(ENTRY)
    return len(world.posted) == 1


def h4(world):
    """A zombie's late failure, after the new owner has completed; then a redelivery."""

    def body(_entry):
        Clock.add(LEASE_MS / 1000 + 1)
        world.good()
        raise ConnectionError

    expect(ConnectionError, world.worker(body), ENTRY)
    kept = world.record() is not None
    world.good()
    return len(world.posted) == 1 and kept


def h5(world):
    """A zombie's late success: what its owner stored must stay."""

    def body(_entry):
        Clock.add(LEASE_MS / 1000 + 1)
        world.good()
        # The destination knows the key and says so; nothing is posted.
        return {"line": None, "by": "zombie"}

    world.worker(body)(ENTRY)
    return len(world.posted) == 1 and "zombie" not in str(world.record())


def h6(world):
    """A redelivery after the window, such as a redrive of dead letters a day later."""
    world.good()
    Clock.add(86_400)
    world.good()
    return len(world.posted) == 1


def h7(world):
    """The same key with 80 hours instead of 8: it must be a conflict."""
    world.good()
    told = False
    try:
        world.good({**ENTRY, "hours": 80})
    except Exception:  # Any would do: somebody hears of it.
        told = True
    return world.posted == [ENTRY] and told


def h8(world):
    """A message without its key: it must be refused."""
    for _ in range(2):
        try:
            world.good({"hours": 8})
        except Exception:  # Any would do.
            pass
    return world.posted == []


def h9(world):
    """A second worker whose clock is two minutes ahead, with a lease of one."""

    def body(entry):
        Clock.add(120)
        try:
            world.good()
        finally:
            Clock.add(-120)
        return world.commit(entry)

    world.worker(body)(ENTRY)
    return len(world.posted) == 1


def h10(world):
    """The handler changes its input; then a redelivery."""

    def body(entry):
        done = world.commit(entry)
        entry["id"] = "changed"
        return done

    world.worker(body)(dict(ENTRY))
    world.good()
    return len(world.posted) == 1


HOLES = [h1, h2, h3, h4, h5, h6, h7, h8, h9, h10]


def main():
    warnings.simplefilter("ignore")
    rows = []
    with mock_aws():
        for hole in HOLES:
            world = World()
            right = hole(world)
            rows.append({
                "hole": hole.__name__.upper(),
                "fault": hole.__doc__.strip(),
                "posted": len(world.posted),
                "right": right,
            })
            world.close()
    names = ("aws-lambda-powertools", "moto")
    about = {name: version(name) for name in names}
    if "--json" in sys.argv:
        print(json.dumps({"versions": about, "holes": rows}, indent=2))
        return
    print(", ".join(f"{name} {number}" for name, number in about.items()))
    for row in rows:
        verdict = "right" if row["right"] else "WRONG"
        print(f"{row['hole']:<4} posted {row['posted']}  {verdict}  {row['fault']}")
    right = sum(row["right"] for row in rows)
    twice = sum(row["posted"] > 1 for row in rows)
    print(f"{right} of {len(rows)} right, {twice} posted twice")


if __name__ == "__main__":
    main()
