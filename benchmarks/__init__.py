"""What the portal's actions and pages cost, beside the same number of bare statements: `python -m benchmarks`."""
