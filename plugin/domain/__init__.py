"""What we talk about: frozen dataclasses without input, output or a clock."""
