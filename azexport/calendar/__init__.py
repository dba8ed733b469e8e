"""Working days, transferred days, legal terms, and the clocks that stop and run."""
