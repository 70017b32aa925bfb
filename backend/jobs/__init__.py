"""Background work (后台任务): how the worker's jobs end and what still waits for them."""
