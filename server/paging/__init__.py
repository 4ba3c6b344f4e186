"""What people write of who is told, in the book of records: read and put here."""
