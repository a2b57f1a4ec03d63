"""The retailer's desk: what a run chose and left out, and why, and what waits for a decision. Only for people with a key."""
