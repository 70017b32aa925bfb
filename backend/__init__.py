"""The domain (业务), a package per subject; knows neither the gateway nor its HTTP framework."""
