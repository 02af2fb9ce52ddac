"""An edit from the photo to the finished photo."""
