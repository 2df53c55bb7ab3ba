"""What was agreed; pure. The text is parsed into frozen models, every problem is told at once, and
its canonical form is what is hashed, signed and compared."""
