"""Who: the actor register, what words resolve to, and the actors, sources and agency credits a text names."""

from mahdar.who.credits import Credit, find_credit
from mahdar.who.mentions import ActorMention, find_actors
from mahdar.who.register import Affiliation, Register, RegisterActor
from mahdar.who.resolve import Match

__all__ = ["ActorMention", "Affiliation", "Credit", "Match", "Register", "RegisterActor", "find_actors", "find_credit"]
