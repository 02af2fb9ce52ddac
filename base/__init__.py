"""Edit real portrait photos by dragging points."""
