"""The wallet: electronic licences (电子证照), asked of their issuers, cached sealed, shown."""
