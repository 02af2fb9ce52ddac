"""Edits of a photo in steps, kept in a folder: undo, redo, go on another day."""
