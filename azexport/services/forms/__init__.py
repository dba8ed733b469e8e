"""The forms of this room, by noun."""
