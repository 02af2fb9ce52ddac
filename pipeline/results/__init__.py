"""What is shown of an edit besides the photo: report, comparison, film."""
