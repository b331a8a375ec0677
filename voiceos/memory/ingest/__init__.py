"""Files as records: one reader per format, and the intake that feeds the ledger."""
