"""Sharing of data between departments (数据共享): catalogue, grants, calls, their log."""
