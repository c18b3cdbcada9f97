"""Other systems behind small protocols: jobs, messages, registers, seals, witnesses; a stand-in server for each."""
