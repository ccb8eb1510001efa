"""What the pretend Shopify only guesses, so that it can be corrected once a real shop has answered.

Code that acts on a guess carries a comment `GUESS <name>`; a test compares the names.
"""

from collections.abc import Mapping
from typing import Final

GUESSES: Final[Mapping[str, str]] = {
    "token_refusals": "The token endpoint refuses with HTTP 400 and OAuth's own words, invalid_client among them.",
    "exchange_uninstalled": "An id token of a shop that took the app away is answered invalid_subject_token.",
    "exchange_not_expiring": "A token exchange that does not ask for an expiring token is answered invalid_request.",
    "id_token_sig": "The claim `sig` of an id token is some hex HMAC; nobody but Shopify checks it.",
    "admin_path": "The path behind the app's handle in the admin's address is the whole path on the app's own origin.",
    "launch_on_links": "A link inside the frame opens without shop, host and the rest of the launch query.",
    "fetch_own_origin": "App Bridge adds its token to requests to the app's own origin only, and to none that has one already.",
    "nav_event": "A chosen link of the navigation gets `shopify:navigate`; prevented, App Bridge does not load the page.",
    "frame_scheme": "The admin's frame has its colour scheme; the real admin has a light one only.",
    "frame_attributes": "The admin's frame has no `sandbox` and no `allow` attribute.",
    "save_bar": "The save bar shows from the first input in a form with data-save-bar until it is submitted, reset or gone.",
    "save_bar_element": "A save bar is known by the id of an element <ui-save-bar>; showing one that is not there is refused.",
    "title_bar": "The title bar has the heading of <s-page> and what stands in its slots; its way back gets a click first.",
    "search_quotes": "Within a quoted value of a search a backslash takes the meaning from the character behind it.",
    "search_email": "An order's e-mail is searched as a row of words, as a customer's is said to be.",
}
