"""The JSON door for the mini program: the same verbs as everywhere, spoken in JSON."""

from miniapp_api.api import open_door
from miniapp_api.errors import problem, said_of

__all__ = ["open_door", "problem", "said_of"]
