"""The measure of all: a bare Sanic that says hello. Run as a module with the port to listen on."""

import sys

from sanic import Request, Sanic
from sanic.response import HTTPResponse, text

app = Sanic("bare", configure_logging=False)


@app.get("/")
async def hello(_: Request) -> HTTPResponse:
    """Say hello."""
    return text("hello")


if __name__ == "__main__":
    app.run("127.0.0.1", int(sys.argv[1]), single_process=True, access_log=False, motd=False)
