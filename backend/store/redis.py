"""Redis (Valkey) wiring: one client for commands, one multiplexed link for the hot path.

``aioredis`` today is ``redis.asyncio``: aioredis 2 was merged into redis-py and cannot be imported
on Python 3.11. Every key of one person carries the hash tag ``{subject}``, so that what belongs
together lies in one slot of a cluster.
"""

import asyncio
import collections
import hashlib
import itertools
import operator
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

import hiredis
from redis import asyncio as aioredis
from redis.asyncio.cluster import ClusterNode, RedisCluster
from redis.asyncio.connection import parse_url
from redis.asyncio.retry import Retry
from redis.backoff import ExponentialBackoff
from redis.crc import key_slot

Redis = aioredis.Redis | RedisCluster
CLUSTER_SCHEME = "redis-cluster://"
ANSWER_TIMEOUT_S = 1.0
CONNECTIONS = 64
RECONNECTIONS = 5
# Its annotation knows tuples of one element alone.
_PACK = cast(Callable[[tuple[str | bytes, ...]], bytes], hiredis.pack_command)
_BROKEN = (OSError, hiredis.HiredisError, hiredis.ReplyError, aioredis.RedisError)


class _Queueing:
    """Lets commands wait for one of so many connections.

    redis-py refuses a command when every connection is in use, and then a crowd at the door would
    be told of an internal error.
    """

    _places: asyncio.Semaphore | None = None

    async def execute_command(self, *args: Any, **options: Any) -> Any:
        if self._places is None:
            self._places = asyncio.Semaphore(CONNECTIONS)
        async with self._places:
            return await cast(Any, super()).execute_command(*args, **options)


class _QueueingRedis(_Queueing, aioredis.Redis):  # type: ignore[misc]  # redis-py disagrees with itself
    """One server."""


class _QueueingCluster(_Queueing, RedisCluster):  # type: ignore[misc]  # as above
    """A cluster; the bound is for all nodes together.

    redis-py 8.1 lets one task close a connection that another one is just opening: at the first
    commands, while the nodes become known, and after a node was lost. The first command therefore
    goes alone, and one that met such a connection goes again, as it does after a lost one.
    """

    _settled = False
    _settling: asyncio.Lock | None = None

    async def execute_command(self, *args: Any, **options: Any) -> Any:
        if not self._settled:
            await self._settle()
        for _ in range(RECONNECTIONS):
            try:
                return await super().execute_command(*args, **options)
            except AttributeError:
                continue
        raise aioredis.ConnectionError("the connections of the cluster do not settle")

    async def _settle(self) -> None:
        self._settling = self._settling or asyncio.Lock()
        async with self._settling:
            if not self._settled:
                await super().execute_command("PING")
                self._settled = True


def open_redis(url: str) -> Redis:
    """A client for ``redis://[:password@]host:port/db`` or ``redis-cluster://[:password@]h:p,h:p``.

    Values are bytes. Nothing is connected before the first command.
    """
    if not url.startswith(CLUSTER_SCHEME):
        # A server that restarted closed every pooled connection: the first use of each fails.
        retry = Retry(ExponentialBackoff(cap=0.5, base=0.02), 3)
        # For each connection the driver would look up its own version in its package's metadata, a
        # few milliseconds each time, and tell the server.
        return _QueueingRedis.from_url(url, socket_timeout=5, retry=retry, driver_info=None)
    credentials, _, addresses = url[len(CLUSTER_SCHEME) :].rstrip("/").rpartition("@")
    nodes = [address.rpartition(":") for address in addresses.split(",")]
    return _QueueingCluster(
        startup_nodes=[ClusterNode(host, int(port)) for host, _, port in nodes],
        password=credentials.lstrip(":") or None,
        socket_timeout=5,
        driver_info=None,
    )


async def run_script(redis: Redis, script: str, keys: Sequence[str], args: Sequence[Any]) -> Any:
    """Run a Lua script that touches no key but the given ones, all of one slot."""
    return await cast(Any, redis).eval(script, len(keys), *keys, *args)


@dataclass(frozen=True, slots=True)
class Script:
    """A Lua script that the server knows by its digest after the first call."""

    text: str
    sha: str = field(init=False)

    def __post_init__(self) -> None:
        digest = hashlib.sha1(self.text.encode(), usedforsecurity=False).hexdigest()
        object.__setattr__(self, "sha", digest)


async def ask_one_by_one(redis: Redis, *commands: Sequence[str | bytes]) -> list[Any]:
    """The answers to several commands by the ordinary client, as ``HotLink.ask`` gives them."""
    answers = []
    for command in commands:
        # To redis-py a SET with GET is a different one, whose answer is a value.
        options = {"get": True} if command[0] == "SET" and "GET" in command else {}
        answers.append(await cast(Any, redis).execute_command(*command, **options))
    return answers


class HotLink:
    """Short commands over one connection per node, shared by all requests of a worker.

    Commands of one turn of the event loop leave in one write, which is what makes a cached read
    cost little more than an empty answer. Whatever goes wrong here (a node gone, a slot moved, no
    answer within a second) is asked again through the ordinary client, which knows how to recover.
    """

    def __init__(self, url: str, redis: Redis) -> None:
        self._redis = redis
        self._cluster = redis if isinstance(redis, RedisCluster) else None
        self._options: dict[str, Any] = {} if self._cluster is not None else {**parse_url(url)}
        self._wires: dict[tuple[str, int], _Wire] = {}
        # The wire of a server that stands alone: nothing has to be looked up for a key.
        self._only: _Wire | None = None

    async def mget(self, keys: Sequence[str]) -> list[bytes | None]:
        """The values of keys that carry the same hash tag, ``None`` for each that is missing."""
        (values,) = await self._asked([("MGET", *keys)])
        return cast(list[bytes | None], values)

    async def set(self, key: str, value: bytes, seconds: int) -> None:
        """Set a value that is forgotten after so many seconds."""
        await self._asked([("SET", key, value, "EX", str(seconds))])

    def ask(self, *commands: Sequence[str | bytes]) -> Coroutine[Any, Any, list[Any]]:
        """The answers to several commands in one round trip.

        Their keys, the second word of each, may lie in different slots. A command may be carried
        out twice: it has to be one for which that makes no difference.

        Raises:
            redis.RedisError: the ordinary client does not get an answer either.
        """
        if self._cluster is None:
            return self._asked(commands)
        return self._asked_of_nodes(commands)

    async def _asked_of_nodes(self, commands: Sequence[Sequence[str | bytes]]) -> list[Any]:
        """The answers to commands whose keys may lie on several nodes."""
        shares: dict[_Wire, list[int]] = {}
        try:
            for place, command in enumerate(commands):
                shares.setdefault(self._wire(cast(str, command[1])), []).append(place)
        except _BROKEN:
            return await ask_one_by_one(self._redis, *commands)
        answers = await asyncio.gather(
            *(self._asked([commands[place] for place in places]) for places in shares.values()),
            # What one node refuses is raised when all have answered: nothing is under way then.
            return_exceptions=True,
        )
        said: list[list[Any]] = []
        for answer in answers:
            if isinstance(answer, BaseException):
                raise answer
            said.append(answer)
        by_place = zip(itertools.chain(*shares.values()), itertools.chain(*said), strict=True)
        return [answer for _, answer in sorted(by_place, key=operator.itemgetter(0))]

    async def _asked(self, commands: Sequence[Sequence[str | bytes]]) -> list[Any]:
        """The answers to commands of which one node has all the keys."""
        try:
            wire = self._wire(cast(str, commands[0][1]))
            if not wire.ready:
                await wire.connect()
            answers = await wire.ask(commands)
        except _BROKEN:
            return await ask_one_by_one(self._redis, *commands)
        for place, answer in enumerate(answers):
            if isinstance(answer, Exception):
                (answers[place],) = await ask_one_by_one(self._redis, commands[place])
        return answers

    async def run(self, script: Script, keys: Sequence[str], args: Sequence[str]) -> Any:
        """The answer of a script that touches only these keys, which carry the same hash tag.

        It may be carried out twice: it has to be one for which that makes no difference.

        Raises:
            redis.RedisError: the ordinary client does not get an answer either.
        """
        try:
            wire = self._wire(keys[0])
            if not wire.ready:
                await wire.connect()
            return await wire.tell("EVALSHA", script.sha, str(len(keys)), *keys, *args)
        except _BROKEN:
            # A server that does not know the script yet learns it this way, too.
            return await run_script(self._redis, script.text, keys, args)

    def _wire(self, key: str) -> "_Wire":
        if self._only is not None:
            return self._only
        if self._cluster is not None:
            node = self._cluster.nodes_manager.get_node_from_slot(key_slot(key.encode()))
            password = self._cluster.connection_kwargs.get("password")
            options: dict[str, Any] = {
                "host": node.host,
                "port": node.port,
                "password": password,
            }
        else:
            options = self._options
        address = (str(options.get("host", "127.0.0.1")), int(options.get("port", 6379)))
        wire = self._wires.get(address)
        if wire is None:
            wire = self._wires[address] = _Wire(address, options)
        if self._cluster is None:
            self._only = wire
        return wire

    async def close(self) -> None:
        """Close the connections; pending reads fail over to the ordinary client."""
        for wire in self._wires.values():
            wire.close()


class _Wire(asyncio.Protocol):
    """One connection on which many askers wait for answers in order."""

    def __init__(self, address: tuple[str, int], options: dict[str, Any]) -> None:
        self._address, self._options = address, options
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._connecting: asyncio.Task[None] | None = None
        self._reader = hiredis.Reader()
        # Commands that were asked together have one future: the others stand for None.
        self._waiting: collections.deque[asyncio.Future[list[Any]] | None] = collections.deque()
        self._answers: list[Any] = []
        self._heard = False
        self._unsent: list[bytes] = []
        self._watch: asyncio.TimerHandle | None = None

    @property
    def ready(self) -> bool:
        return self._transport is not None

    async def connect(self) -> None:
        """Connect once, however many ask for it at the same time."""
        if self._connecting is None or self._connecting.done():
            self._connecting = asyncio.get_running_loop().create_task(self._connect())
        await asyncio.shield(self._connecting)

    async def _connect(self) -> None:
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(ANSWER_TIMEOUT_S):
            transport, _ = await loop.create_connection(lambda: self, *self._address)
        self._transport = transport
        if password := self._options.get("password"):
            await self.tell("AUTH", self._options.get("username") or "default", password)
        if db := self._options.get("db"):
            await self.tell("SELECT", str(db))

    async def tell(self, *command: str | bytes) -> Any:
        """The answer to one command; raised if it is an error."""
        (answer,) = await self.ask([command])
        if isinstance(answer, Exception):
            raise answer
        return answer

    def ask(self, commands: Sequence[Sequence[str | bytes]]) -> asyncio.Future[list[Any]]:
        """The answers to commands, errors among them."""
        loop = self._loop
        future: asyncio.Future[list[Any]] = loop.create_future()
        if not self._unsent:
            loop.call_soon(self._flush)
        for command in commands:
            self._unsent.append(_PACK(tuple(command)))
            self._waiting.append(None)
        self._waiting[-1] = future
        if self._watch is None:
            self._heard = False
            self._watch = loop.call_later(ANSWER_TIMEOUT_S, self._check_silence)
        return future

    def _flush(self) -> None:
        unsent, self._unsent = self._unsent, []
        if self._transport is not None:
            self._transport.write(b"".join(unsent))

    def _check_silence(self) -> None:
        """End a connection on which nothing was heard while questions waited (a hung server)."""
        self._watch = None
        if not self._waiting:
            return
        if not self._heard:
            self.close()
            return
        self._heard = False
        loop = asyncio.get_running_loop()
        self._watch = loop.call_later(ANSWER_TIMEOUT_S, self._check_silence)

    def data_received(self, data: bytes) -> None:
        self._heard = True
        self._reader.feed(data)
        while (answer := self._reader.gets()) is not False:
            self._answers.append(answer)
            future = self._waiting.popleft()
            if future is None:
                continue
            answers, self._answers = self._answers, []
            # A client that hung up cancelled its future; the others still wait on this wire.
            if not future.done():
                future.set_result(answers)

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        self._reader = hiredis.Reader()
        self._unsent.clear()
        self._answers = []
        waiting, self._waiting = self._waiting, collections.deque()
        for future in waiting:
            if future is not None and not future.done():
                future.set_exception(ConnectionResetError("the connection to Redis ended"))

    def close(self) -> None:
        if self._transport is not None:
            self._transport.abort()
