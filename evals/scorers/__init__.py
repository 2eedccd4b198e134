"""What is right of what production did: pure functions of a case and an outcome, which give Marks."""
