"""People, organisations, mandates, sign-in and the e-cabinet (P1.3.3, P1.3.4, P10.1)."""
