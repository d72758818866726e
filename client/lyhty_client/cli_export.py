"""`lyhty open-export`: reads a copy that a reporter has kept, without any server."""

import argparse
import getpass
import sys
from datetime import UTC, datetime
from pathlib import Path

from lyhty_client.errors import ClientError
from lyhty_client.exported import ExportedConversation, read_export
from lyhty_client.phrases import nobody_to_ask, read_phrase, word_language
from lyhty_client.terminal import choose, conversation_json, conversation_lines, show
from lyhty_client.trust import parse_anchor
from lyhty_crypto.exports import Export, Locked, Secret, of_password, stretch
from lyhty_wire.encoding import b64encode


def open_export(asked: argparse.Namespace) -> None:
    locked = Locked.decode(asked.file.read_bytes())
    export = locked.open(stretch(locked.secret, _typed(locked.secret, asked), locked.salt))
    conversation = read_export(export, parse_anchor(asked.anchor) if asked.anchor else None)
    show(_lines(export, conversation, is_compared=bool(asked.anchor)), _json(export, conversation), as_json=asked.json)
    if conversation.alarms:
        raise ClientError(conversation.alarms[0].code)


def _typed(secret: Secret, asked: argparse.Namespace) -> bytes:
    if secret is Secret.PASSWORD:
        if asked.password_file is not None:
            return of_password(Path(asked.password_file).read_text("utf-8").rstrip("\r\n"))
        return of_password(getpass.getpass("Password of the file: "))
    typed = asked.words if asked.words is not None else input("The eight words: ")
    return read_phrase(typed, word_language(asked.language), choose if sys.stdin.isatty() else nobody_to_ask)


def _lines(export: Export, conversation: ExportedConversation, *, is_compared: bool) -> list[str]:
    made = datetime.fromtimestamp(export.made, UTC).strftime("%Y-%m-%d %H:%M UTC")
    instance = b64encode(export.instance)
    hashes = [
        f"{seq}. sealed {digest.hex()}, head {conversation.heads[seq].hex()}"
        for seq, digest in conversation.sealed.items()
        if seq in conversation.heads
    ]
    return [
        f"Case {b64encode(export.case)}, as it was read at {made}.",
        f"Instance {instance}."
        if is_compared
        else f"Instance {instance}: compare it with the poster, or give --anchor.",
        "",
        *conversation_lines(conversation, conversation.reporter),
        "",
        *hashes,
    ]


def _json(export: Export, conversation: ExportedConversation) -> dict[str, object]:
    heads = conversation.heads
    hashes = [
        {"seq": seq, "sealed": digest.hex(), "head": heads[seq].hex()}
        for seq, digest in conversation.sealed.items()
        if seq in heads
    ]
    own = conversation_json(conversation, conversation.reporter)
    return {**own, "made": export.made, "instance": b64encode(export.instance), "hashes": hashes}
