import os

# Tests own their database: they migrate it and probe what the application role may not do.
os.environ.setdefault("TONGDIAN_AS_OWNER", "1")
