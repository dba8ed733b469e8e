"""The officers' pages: the queue of a public body, its cases under review, decisions, its officers (S7.1, S-A1 3.4)."""
