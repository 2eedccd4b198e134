"""What the API takes and gives, as pydantic models. Rows of the database are read by attribute."""
