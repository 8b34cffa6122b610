"""One part of every kind, one file each."""
