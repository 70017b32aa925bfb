"""智能客服, as the doors of citizens and of enterprises share it."""
