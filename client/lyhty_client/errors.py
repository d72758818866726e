"""What stops the client, each with a stable code of SPEC 7 or of the client's own list."""


class ClientError(Exception):
    """The thing asked for was not done. `code` is what a person or a program is told."""

    def __init__(self, code: str, reason: str = "") -> None:
        super().__init__(f"{code}: {reason}" if reason else code)
        self.code = code


class RefusedError(ClientError):
    """The server said no."""


class ConnectionLostError(ClientError):
    """Nobody knows whether it arrived. The same bytes may be sent again."""

    def __init__(self, reason: str = "") -> None:
        super().__init__("connection-lost", reason)


class UntrustedError(ClientError):
    """What arrived cannot be trusted, so nothing was sent."""


class ForgottenError(ClientError):
    """Something needed first is not there: a directory, a case, a sign-in."""


class RootError(ClientError):
    """There is no new root, and nothing has changed."""

    def __init__(self, reason: str) -> None:
        super().__init__("root-not-made", reason)


class FolderError(ClientError):
    """The data folder is not as this version writes it."""

    def __init__(self, reason: str) -> None:
        super().__init__("data-folder", reason)
