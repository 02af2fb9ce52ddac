"""What is timed: a step of a drag, inversions, whole edits, the page."""
