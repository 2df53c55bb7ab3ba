"""The engines that hold tables while a step works on them. Only the gate may import this room, so
that no table is ever opened on a connection that was not locked first."""
