"""Sanic's application with the type arguments that this project uses."""

from types import SimpleNamespace
from typing import TypeAlias

from sanic import Sanic
from sanic.config import Config

App: TypeAlias = Sanic[Config, SimpleNamespace]
