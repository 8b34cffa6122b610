"""A stand-in for progressbar2, which AtomAI shows while it downloads."""
