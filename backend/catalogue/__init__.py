"""The catalogue of service items (事项): what the province offers, to whom, where and how."""
