"""What production does with a case of each evaluation."""
