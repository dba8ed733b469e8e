"""Contracts of sale between a taxpayer of Azerbaijan and a buyer abroad, and their signatures (P4.1.2, P10.3.1)."""
