"""Photo files, and nothing of faces: reading, writing, colour and metadata."""
