"""Applications for a service before they are cases: what they ask, who may do what, how they are printed and shown."""
