"""The photographs of the page: stored for a while, edited, rendered."""
