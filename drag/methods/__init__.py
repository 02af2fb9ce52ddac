"""Motion supervision: what a step of the drag minimises."""
