"""The door: deadlines, budgets and sizes in front of every address."""
