"""The papers that bodies issue: typst templates (one for each body that has its own, and a general one), their printing
as PDF/A-3 with the permit attached as data, and their signing with an official's key (PAdES B-LTA)."""
