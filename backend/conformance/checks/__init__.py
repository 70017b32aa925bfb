"""What the conformance kit (符合性测试) looks at, a file per subject."""
