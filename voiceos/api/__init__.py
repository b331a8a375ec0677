"""The host's API: the operations its faces share, over HTTP on a Unix socket or within one process."""
