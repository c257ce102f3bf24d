"""The review page and its JSON API. `create_app` makes the application; `mahdar serve` runs it on this machine."""

from mahdar.web.app import Settings, create_app

__all__ = ["Settings", "create_app"]
