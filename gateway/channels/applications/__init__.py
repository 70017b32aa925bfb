"""Applications, as the doors of citizens and of enterprises share them."""
