"""Answering for it: the ledger of every step, its export and its check by strangers, receipts for
what was destroyed, and the public register. Pure, except that the register is written to a folder.
"""
