"""How the shipped models are learned. Nothing here runs when a report is read."""
