"""Which permits goods need (P4.1.4), and the permits that were issued: checked, kept, announced."""
