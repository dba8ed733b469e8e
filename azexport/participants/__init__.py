"""Bodies that exchange data with the portal (P1.3.2, P4.2): their succession, their systems and their keys."""
