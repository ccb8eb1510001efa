"""What the state of a delivery is called, what it means, and what sending again does in it."""

from plugin.domain.delivery import State
from plugin.web.i18n import gettext as _


def state_titles() -> dict[State, str]:
    return {
        State.DELIVERED: _("Delivered"), State.FAILED: _("Failed"), State.HELD: _("Held"), State.SKIPPED: _("Skipped"),
        State.WAITING: _("Waiting"), State.SENDING: _("Sending"),
    }  # fmt: skip


def state_meaning(state: State) -> str:
    """What a state means to the merchant."""
    return {
        State.DELIVERED: _("SendPulse has it. Nothing needs doing."),
        State.FAILED: _("It was given up. Mend what is said below, then send it again."),
        State.HELD: _("It is kept until you decide. Mend what is said below, then send it again."),
        State.SKIPPED: _("It was decided not to send it. Change what is said below and send it again if it should leave."),
        State.WAITING: _("It leaves by itself when its turn comes."),
        State.SENDING: _("It is on its way this very moment."),
    }[state]


def resend_effect(state: State) -> str:
    """What sending again does to a delivery in this state; "" when it cannot be."""
    if state is State.DELIVERED:
        return _("SendPulse took it already: sent again, it starts the flow a second time.")
    if state is State.FAILED:
        return _("The same data leaves once more.")
    return _("It is decided anew, by your settings of today.") if state in (State.HELD, State.SKIPPED) else ""
