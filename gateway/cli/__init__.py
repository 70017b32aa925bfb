"""The ``shengshitong`` command."""


def main() -> None:
    """Run the command line; what it needs is imported here, not with the package."""
    from gateway.cli.commands import app

    app()
