"""What scripts/bench is made of: towns with mail on the disk, the bounds, and a module for each kind of row."""
