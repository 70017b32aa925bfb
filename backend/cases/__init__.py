"""Applications (办件): from a draft on a phone to the decision of a department."""
