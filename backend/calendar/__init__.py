"""The working calendar (工作日历): which days count for the clocks of the law."""
