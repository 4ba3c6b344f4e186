"""Guards: what people write of them, and whether enough of them were there."""
