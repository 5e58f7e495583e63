"""A party's side: writing letters, reading receipts and notices. Pure: no clock, disk or randomness of its own."""
