"""What the pretend Saleor only guesses, so that it can be corrected once a real dashboard has answered.

Code that acts on a guess carries a comment `GUESS <name>`; a test compares the names.
"""

from collections.abc import Mapping
from typing import Final

GUESSES: Final[Mapping[str, str]] = {
    "feature_flags": "`featureFlags` is in the frame's address and empty; nothing an app reads.",
    "short_life": "A token that lives half a minute or less is renewed after half of its life, not at once.",
    "update_routing": "`updateRouting` pushes onto the history, unheard by the dashboard's router; Back loads the frame anew.",
    "redirect": "A `redirect` within the dashboard loads that page; it asks before it leaves for another site.",
    "permissions_refused": "`requestPermissions` is always refused, by `error` in the frame's address.",
    "unplayed_actions": "Actions for pop-ups and widgets are not answered, since this app has neither.",
    "token_by_http": "The dashboard's page asks its own server for the app's token, not GraphQL's app(id){accessToken}.",
}
