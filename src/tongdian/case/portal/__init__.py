"""Pages for the public: progress and receipts, the log of the timeline."""
