"""The parts of the sample case: the story, mails, logs, papers and intel."""
