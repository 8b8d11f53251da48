"""What every record stands on: ids, clocks, lifecycles, refusals, the trail and the work that follows."""
