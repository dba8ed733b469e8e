"""Every write of this room, by noun."""

from azexport.services.actions.regulations import load, printed, read_folder

__all__ = ["load", "printed", "read_folder"]
