"""Electronic services: administrative regulations as data, versioned (S4.1, S9, S-A1)."""
