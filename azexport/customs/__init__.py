"""Export declarations: filled from contract, application and permits and lodged with customs (P10.3.3, P4.2.6)."""
