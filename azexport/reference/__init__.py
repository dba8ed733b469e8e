"""Codes everybody shares, as dated data: goods (HS), countries, currencies and rates, units, packages, Incoterms."""
