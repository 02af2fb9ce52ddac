"""Point tracking: where the handles are after a step."""
