"""The regions, read once a run: every world needs them, and none changes them."""

from backend.regions.service import Regions

REGIONS = Regions()
