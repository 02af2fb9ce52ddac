"""One recipe on many photos."""
