"""The export operation: the unified application (P4.1.4, P10.3.3) and the dossier that ties everything together."""
