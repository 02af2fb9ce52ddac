"""What the project is kept with: the fitting of the files it ships, and the making of its docs."""
