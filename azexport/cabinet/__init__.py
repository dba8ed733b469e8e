"""The e-cabinet's own pages: what waits, what runs, what is new, and the member's settings (P1.3.4)."""
