"""Remember, forget, correct and look up."""
