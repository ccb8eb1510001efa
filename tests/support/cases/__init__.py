"""Playing the stories of ../shared/cases: what a store sends, and what must be seen outside."""
