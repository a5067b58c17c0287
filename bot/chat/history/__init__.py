"""What the verdicts were: searched, exported and drawn."""
