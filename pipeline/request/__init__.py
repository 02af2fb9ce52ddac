"""What people ask for: points, adjustments and masks, as they write them."""
