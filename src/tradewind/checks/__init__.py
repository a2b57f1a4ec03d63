"""What plays the outside against a running system, and what holds the written pages to the code."""
