"""Certificates, trusted centres, creating and validating signatures, signing in (P1.3.7, P3.7, P10.1)."""
