"""Dragging by landmarks, towards what faces have in common."""
