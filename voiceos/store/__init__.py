"""The file on the disk: records as they came, and what opens, keeps, rescues and erases them."""
