"""Messages (消息): the inbox inside the app, and pushes out of it."""
