"""Face pictures of licences, drawn from the data of their types."""
