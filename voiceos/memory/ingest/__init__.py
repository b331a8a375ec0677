"""What a life has left in files, made records: one reader a format, and the intake that feeds the ledger."""
