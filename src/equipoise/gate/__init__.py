"""The one door. ``decide`` says whether the agreement permits an act; a permit lets it happen once;
``room`` runs a step alone in a locked process that holds nothing but the tables of its run.

This file imports nothing: the locked process imports it before its locks are on, and a library
that started a thread here would leave that thread outside them.
"""
