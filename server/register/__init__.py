"""The register's rim: its records, the taking-in of the file, import and export.

``stored`` reads and writes the register as records; ``taking`` takes a changed ``units:`` file in
without undoing what was changed on pages.
"""
