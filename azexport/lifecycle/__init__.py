"""The one engine that moves a status, from a table: lock, source state, may?, rules, set, audit, effects."""

from azexport.lifecycle.engine import ACTOR, NOW, T, Table, announce, hold_subjects, move, settle

__all__ = ["ACTOR", "NOW", "T", "Table", "announce", "hold_subjects", "move", "settle"]
