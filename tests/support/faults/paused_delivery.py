"""A worker's paused_delivery that stands still at SendPulse for as long as a test likes: it may be answered, late, or never."""

import threading
from collections.abc import Callable

from plugin.domain.delivery import Outcome
from plugin.ports import ClaimedDelivery

PATIENCE_SECONDS = 30.0  #: for a paused_delivery that does neither POST nor end


class _Killed(BaseException):
    """The machine lost its power: nothing of it goes on, not even its `except` and `finally`."""


class PausedDelivery:
    """Delivers one claimed on a thread that runs only while somebody waits for it, so that every run is the same."""

    def __init__(self, deliver: Callable[[ClaimedDelivery], None], claimed: ClaimedDelivery) -> None:
        self.claimed = claimed
        self.is_at_sendpulse = False
        self._error: BaseException | None = None
        self._answer: Outcome | None = None
        self._stands, self._goes_on = threading.Semaphore(0), threading.Semaphore(0)
        self._thread = threading.Thread(target=self._run, args=(deliver,), daemon=True)

    def begin(self) -> bool:
        """Go on until the POST is under way; False when none is made."""
        self._thread.start()
        self._wait()
        return self.is_at_sendpulse

    def answer(self, outcome: Outcome) -> None:
        """SendPulse answers; the paused_delivery stores it and ends."""
        self._answer = outcome
        self._goes_on.release()
        self._wait()

    def die(self) -> None:
        """Its machine loses its power."""
        self._goes_on.release()
        self._wait()

    def post(self) -> Outcome:
        """Stand at SendPulse until it answers; on the paused_delivery's own thread."""
        self.is_at_sendpulse = True
        self._stands.release()
        self._goes_on.acquire()
        self.is_at_sendpulse = False
        if self._answer is None:
            raise _Killed
        return self._answer

    def _run(self, deliver: Callable[[ClaimedDelivery], None]) -> None:
        try:
            deliver(self.claimed)
        except _Killed:
            pass
        except BaseException as error:  # noqa: BLE001 raised again where it is waited for
            self._error = error
        finally:
            self._stands.release()

    def _wait(self) -> None:
        assert self._stands.acquire(timeout=PATIENCE_SECONDS), "a paused_delivery neither POSTs nor ends"
        if not self.is_at_sendpulse:
            self._thread.join()
        if self._error:
            raise self._error
