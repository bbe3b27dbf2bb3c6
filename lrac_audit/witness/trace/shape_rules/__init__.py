"""Rules for the shapes of results, by subject."""
