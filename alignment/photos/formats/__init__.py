"""One file per format that photos are written in."""
