"""A fleet in, exactly these findings out: one file per story."""
