"""What can be done through others: tools, who may use them on what, and what was done with them."""
