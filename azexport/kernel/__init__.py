"""What every room stands on: the error family, actors, money, reference numbers, bilingual text, the HTTP edge."""
