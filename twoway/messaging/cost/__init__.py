"""What texts cost: price lists, estimates, reported prices, spend and budgets."""
