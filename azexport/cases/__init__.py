"""Applications under services: data, steps, clocks, requests, decisions. Knows no body and no service by name."""
