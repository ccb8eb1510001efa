"""What a merchant can choose for events whose language has no flow."""

from plugin.domain.routing import NoMatchPolicy
from plugin.web.i18n import gettext as _


def policies() -> list[tuple[str, str, str]]:
    """Each choice: value, label, help."""
    return [
        (
            NoMatchPolicy.DEFAULT_FLOW,
            _("Use one flow for all of them"),
            _("Best when nearly all buyers read one language."),
        ),
        (NoMatchPolicy.WITHOUT_FLOW, _("Send without a flow"), _("SendPulse starts every flow of the event.")),
        (NoMatchPolicy.HOLD, _("Hold the event"), _("It waits in the Event log until you add a flow.")),
        (NoMatchPolicy.SKIP, _("Send nothing"), _("The event is skipped, and the log says why.")),
    ]
