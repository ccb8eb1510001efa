"""What stands in front of every address: deadlines, budgets and largest sizes, before anything of a request is believed."""
