"""Tools of MCP servers (the Model Context Protocol): started when needed, watched, and never trusted."""
