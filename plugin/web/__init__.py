"""Pages and endpoints; a blueprint a page, no decisions."""
