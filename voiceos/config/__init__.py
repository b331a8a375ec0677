"""Settings: one frozen tree, read from TOML, the environment and the command line, passed to constructors."""
