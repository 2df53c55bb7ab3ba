"""Makes what tests of several folders share importable: this folder is on the path with it."""
