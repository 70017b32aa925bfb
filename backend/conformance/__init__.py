"""The conformance kit (符合性测试): whether a system does what the provider interface asks."""
