"""``python -m gateway.cli`` is the same as ``shengshitong``."""

from gateway.cli import main

if __name__ == "__main__":
    main()
