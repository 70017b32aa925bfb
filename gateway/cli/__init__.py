"""The ``shengshitong`` command."""

import sys


def main() -> None:
    """Run the command line; what it needs is imported here, not with the package.

    What serves comes without the command line: for as long as it runs it would keep 2 MB of it.
    """
    if sys.argv[1:] in (["gateway"], ["worker"]):
        from gateway.cli.serve import serve

        serve(sys.argv[1])
        return
    from gateway.cli.commands import app

    app()
