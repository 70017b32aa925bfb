"""What every request passes: declaration of endpoints, access, session, limits, errors, answers."""
