"""What is kept of a shop beside its traffic: installation, access, settings, catalogue, links, tokens. Stands on `db`."""
