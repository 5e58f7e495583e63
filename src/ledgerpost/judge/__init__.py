"""The judge: who is right, what is owed, why. From signed documents alone; imports nothing of bank or wallet. Pure."""
