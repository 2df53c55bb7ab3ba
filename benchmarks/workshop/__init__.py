"""A full hall: simulated phones that join and vote through a real server."""
