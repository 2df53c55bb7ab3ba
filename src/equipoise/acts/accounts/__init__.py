"""Accounts: who may sign in to the web application, and what they owe before they are let in.

An account belongs to an enrolled person and adds nothing to what that person may do. An
administrator invites, the person opens the account with a password or an identity elsewhere, sets
up a second factor, and signs in. The rules are here; pages only ask.
"""
