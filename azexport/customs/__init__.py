"""Export declarations: filled from contract, application and permits, lodged with customs, released (P10.3.3, P4.2.6)."""
