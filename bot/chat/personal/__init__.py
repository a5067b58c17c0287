"""What belongs to one person: the own account, private checks, the own data."""
