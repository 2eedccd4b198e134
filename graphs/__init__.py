"""The state machines by name."""
