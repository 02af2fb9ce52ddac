"""The change between two painted faces, put into the photo itself."""
