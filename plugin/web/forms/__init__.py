"""Forms that more than one page shows or reads: their fields, and what is wrong with what was typed."""
