"""Goods made in Azerbaijan and their producers (P4.1.1)."""
