"""The host's one door: the operations that its faces share, over HTTP on a Unix socket or within one process."""
