"""One plain sentence for every code, for the person at the terminal. The screens have their own words."""

from typing import Final

SENTENCES: Final = {
    "frame-malformed": "The server and this program do not speak the same version of the channel.",
    "operation-malformed": "The server did not understand what was asked.",
    "envelope-malformed": "A sealed message does not have the shape it should have.",
    "too-large": "This is larger than any message may be.",
    "signature-invalid": "A signature does not hold.",
    "mailbox-unknown": "No conversation was found with these words.",
    "case-unknown": "The server knows no such case.",
    "case-closed": "The case is closed, so nothing can be added to it.",
    "case-erased": "The case has been erased for good.",
    "case-already-claimed": "Somebody else holds this case.",
    "case-not-held": "Claim the case first: only who holds it may read it and write to it.",
    "object-conflict": "The server already has something else under the same id.",
    "counter-conflict": "The conversation went on from another window or device; read it again first.",
    "epoch-stale": "The keys of the readers have changed; try again.",
    "queue-unknown": "There is no such queue, or it is not yours.",
    "busy": "The server has much to do right now; try again in a moment.",
    "storage-failed": "The server could not store anything, so nothing was sent.",
    "not-signed-in": "You are not signed in, or your sign-in has run out.",
    "sign-in-failed": "Name, password and device code do not belong together.",
    "not-resumed": "The conversation has to be opened first.",
    "route-unknown": "There is no Lyhty server of this version at that address.",
    "method-not-allowed": "The server does not do this at that address.",
    "internal": "The server has made a mistake; it has written it down.",
    "phrase-incomplete": "A phrase has eight words.",
    "phrase-word-unknown": "One of the words is in no list of words.",
    "phrase-uncertain": "One of the words may have been mistyped.",
    "message-empty": "There is nothing in the message.",
    "message-too-long": "The message is longer than 10,000 characters.",
    "message-forbidden-character": "The message has a control character, which cannot be sent.",
    "envelope-tampered": "A message cannot be opened: somebody may have changed it.",
    "history-gap": "The conversation is not whole: a message is missing or was moved.",
    "directory-forged": "The list of who answers is not genuine, so nothing was sent.",
    "directory-expired": "The list of who answers is out of date, so nothing was sent.",
    "directory-missing": "The list of who answers could not be had, so nothing was sent.",
    "anchor-mismatch": "This server is not the one the anchor names, so nothing was sent.",
    "clock-off": "The clock of this computer is wrong; set it and try again.",
    "insecure-context": "The address must begin with https://, unless it is on this computer.",
    "connection-lost": "The server cannot be reached.",
    "browser-unsupported": "This Python is too old.",
    "urgent-mismatch": "The queue and the card disagree about urgency: somebody may have changed it.",
    "wrap-tampered": "The key of a case cannot be opened: somebody may have changed it.",
    "device-secret-missing": "The device code of 43 characters is missing; it stands on the recovery sheet.",
    "answer-empty": "An answer needs at least one part.",
    "data-folder": "The data folder is not as it should be.",
}


def sentence(code: str) -> str:
    return SENTENCES[code]
