"""Questions and complaints (咨询投诉), in the manner of the 12345 hotline."""
