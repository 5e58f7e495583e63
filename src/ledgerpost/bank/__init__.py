"""The bank's counter: letters in, receipts and notices out. Pure: no clock, disk or randomness of its own."""
