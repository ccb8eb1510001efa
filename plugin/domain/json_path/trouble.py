"""Why a path is not taken, and where in it."""

from plugin.domain.wording import Sentence, worded


class BadPath(Exception):
    """The path cannot be used, by what stands at this place in it, counted from 0."""

    def __init__(self, why: Sentence, at: int) -> None:
        super().__init__(why, at)
        self.why, self.at = why, at

    @property
    def said(self) -> Sentence:
        """The same in one sentence, the place counted from 1."""
        return worded("the path, at character %(at)s, %(why)s", at=self.at + 1, why=self.why)
