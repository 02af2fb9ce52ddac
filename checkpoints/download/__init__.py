"""Fetching checkpoints: resumed, bounded and checked."""
