"""What is kept on disk so that a second edit of a photo starts at once."""
