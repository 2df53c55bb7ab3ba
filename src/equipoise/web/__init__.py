"""The web application: a face. It shows what acts allow, asks acts to do things, and tells in the
acts' own words what was refused. It holds no rules.

Every page works without scripts, and no page but those marked ``open_to_all`` is shown to somebody
who has not signed in.
"""
