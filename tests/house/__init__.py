"""Rules of the house that a test can hold: registration, names, imports, words that must equal code."""
