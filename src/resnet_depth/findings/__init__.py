"""What the evidence says of the study's claims: effects, intervals, verdicts, sentences."""
