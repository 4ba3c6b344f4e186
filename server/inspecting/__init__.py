"""Inspections and the fault register: what is written of them, and who keeps it true."""
