"""Onboarding (接入审核): how a system joins, changes and leaves, by review and conformance."""
