"""The choice of the channels that receive a transition, with reasons; pure."""
