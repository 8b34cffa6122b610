"""Physics: simulators whose truth is known."""
