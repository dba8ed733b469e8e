"""Immutable files: rendering, storing, codes for public verification, who may read them (P5.4, P10.4)."""
