"""The elements and the demo in a real browser."""
