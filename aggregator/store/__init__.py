"""What must outlive the process: SQLite, one writer thread, one transaction for all reports that wait."""
