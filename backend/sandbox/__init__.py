"""The sandbox province (沙箱): departments, WeChat and people who stand in for the real ones."""
