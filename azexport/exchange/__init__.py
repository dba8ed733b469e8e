"""Signed messages to and from participants' systems: outbox, inbox, retries, evidence (docs/integration.md)."""
