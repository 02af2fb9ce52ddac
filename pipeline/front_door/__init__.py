"""The library's front door: one call from a photo to an edited photo, and sessions as easy."""
