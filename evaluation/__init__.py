"""What is judged: edits beside the truth, and the experiments of papers."""
