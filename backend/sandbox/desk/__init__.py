"""The desk of a department: pages on which a clerk takes, corrects and decides cases by hand.

For the sandbox alone: no login, on loopback, rendered without a script. A page of another origin
cannot act here, since every change asks where it comes from.
"""
