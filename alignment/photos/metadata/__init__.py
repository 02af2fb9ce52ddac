"""What a photo's file holds besides its pixels."""
