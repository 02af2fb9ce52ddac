"""The networks of generators, and the operations they are made of."""
