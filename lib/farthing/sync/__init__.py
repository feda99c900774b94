"""What to fetch next, and from a bank's answer to landed rows; knows providers only through the seam."""
