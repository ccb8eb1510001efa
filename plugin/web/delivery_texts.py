"""What the state of a delivery is called, what it means, and what sending again does in it."""

from plugin.domain.delivery import State
from plugin.web.i18n import gettext as _


def state_titles() -> dict[State, str]:
    return {
        State.DELIVERED: _("Accepted by SendPulse"), State.FAILED: _("Failed"), State.HELD: _("Held"),
        State.SKIPPED: _("Skipped"), State.WAITING: _("Waiting"), State.SENDING: _("Sending"),
    }  # fmt: skip


def state_meaning(state: State) -> str:
    """What a state means to the merchant."""
    return {
        State.DELIVERED: _("SendPulse has accepted this event. There is nothing to do."),
        State.FAILED: _("Sending failed. Fix the problem below, then send again."),
        State.HELD: _("This event is held until you decide. Fix the problem below, then send again."),
        State.SKIPPED: _("This event was skipped for the reason below. If it should be sent, fix that, then send it again."),
        State.WAITING: _("This event is sent automatically when its turn comes."),
        State.SENDING: _("This event is being sent right now."),
    }[state]


def resend_effect(state: State) -> str:
    """What sending again does to a delivery in this state; "" when it cannot be."""
    if state is State.DELIVERED:
        return _("SendPulse has already accepted it: sent again, it starts the flow a second time.")
    if state is State.FAILED:
        return _("The same data is sent again.")
    return _("Your current settings decide whether and where it goes.") if state in (State.HELD, State.SKIPPED) else ""
