"""Orders that live: made by chance, told as a store tells them, and reckoned independently of the app."""
