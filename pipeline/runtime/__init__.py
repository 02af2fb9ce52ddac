"""The machine: device, memory, and how long work takes."""
