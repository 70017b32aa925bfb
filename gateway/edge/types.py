"""Sanic's application with the type arguments that this project uses."""

from types import SimpleNamespace
from typing import TypeAlias

from sanic import Sanic
from sanic.config import Config

App: TypeAlias = Sanic[Config, SimpleNamespace]

# Our own error handler answers everything, whatever the route says. Named, it spares Sanic from
# reading and parsing the source of every handler for it at each start.
ERROR_FORMAT = "json"
