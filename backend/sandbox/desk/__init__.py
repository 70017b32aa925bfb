"""The desk of a department: pages on which a clerk takes, corrects and decides cases by hand.

The register of enterprises has one more page, in the place of 电子营业执照 (``licence_app``).

For the sandbox alone: no login, on loopback, rendered by the server. A page of another origin
cannot act here, since every change asks where it comes from.
"""
