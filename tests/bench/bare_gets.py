"""Six bare GETs at once, again and again, as ``httpx-aiohttp`` does them out of the box.

Run as a module with a port and six addresses; each request to the port does so many rounds of six
GETs and answers with the CPU seconds that they took in this process.
"""

import asyncio
import sys
import time

from aiohttp import web
from httpx_aiohttp import HttpxAiohttpClient


def make_app(addresses: list[str]) -> web.Application:
    """The application; ``/?rounds=200`` measures, ``/`` just answers."""

    async def client(app: web.Application):  # type: ignore[no-untyped-def]
        async with HttpxAiohttpClient() as made:
            app[_CLIENT] = made
            yield

    async def measure(request: web.Request) -> web.Response:
        made = request.app[_CLIENT]
        started = time.process_time()
        for _ in range(int(request.query.get("rounds", "0"))):
            answers = await asyncio.gather(*(made.get(address) for address in addresses))
            assert all(answer.status_code == 200 for answer in answers)
        return web.json_response({"cpu_s": time.process_time() - started})

    app = web.Application()
    app.cleanup_ctx.append(client)
    app.router.add_get("/", measure)
    return app


_CLIENT = web.AppKey("client", HttpxAiohttpClient)

if __name__ == "__main__":
    import uvloop

    uvloop.install()
    web.run_app(make_app(sys.argv[2:]), host="127.0.0.1", port=int(sys.argv[1]), print=None)
