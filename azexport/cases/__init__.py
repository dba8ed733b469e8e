"""Applications under services: data, steps, clocks, requests for more, decisions. Knows no body and no service by name."""
