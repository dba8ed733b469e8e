"""What people write to public bodies, and the bodies' answers: official correspondence (S11.5-11.7, S12.2)."""
