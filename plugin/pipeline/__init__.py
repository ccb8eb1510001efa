"""The path of one event, a verb a module: receive, translate, enrich, hold, route, deliver."""
