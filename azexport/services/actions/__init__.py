"""Every write of this room, by noun."""

from azexport.services.actions.regulations import load, read_folder

__all__ = ["load", "read_folder"]
