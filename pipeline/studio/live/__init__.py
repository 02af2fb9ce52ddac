"""The face as it moves, while the drag is at work."""
