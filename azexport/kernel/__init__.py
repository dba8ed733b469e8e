"""What every room stands on: the error family, actors, reference numbers, bilingual text, the HTTP edge."""
