"""Assembly: settings, urls, home, commands and the pages of pure packages. Nothing imports it."""
