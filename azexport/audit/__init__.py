"""The append-only log of what happened, who did it and when (P2.1.1, P2.1.6, P9.3)."""
