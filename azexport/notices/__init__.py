"""What an organisation is told: in its cabinet and by e-mail (P6.1.9), and that the letter went out."""
