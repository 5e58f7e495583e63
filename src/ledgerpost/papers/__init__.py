"""One file per message type. ``orders`` holds the table of orders."""
