"""Wires: settings, urls, events, jobs. No logic lives here."""
