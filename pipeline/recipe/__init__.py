"""What was done to one photo, written down so that it can be done to another."""
