"""The `lyhty` command: what can be asked on the command line, and how a refusal is told.

Exit codes: 0 done, 1 not done (one sentence and a stable code say why), 2 asked in a way that cannot be understood.
`verify`: 0 the same, 1 something differs, 2 could not be compared.
Each command loads only what it needs, so that the demo's chores are quick.
"""

import argparse
import os
import sys
from collections.abc import Callable, Coroutine, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from lyhty_client.errors import ClientError
from lyhty_client.folder import DataFolder

DONE: Final = 0
NOT_DONE: Final = 1
NOT_UNDERSTOOD: Final = 2

CODES: Final = ("--anchor", "--device", "--case")
"""Options of base64url."""

OPERATORS: Final = ("serve", "db", "backup", "doctor")
"""Commands of the server package, which asks and answers for itself."""

DEFAULT_HOST: Final = "127.0.0.1"
DEFAULT_PORT: Final = "8400"

Online = Callable[[argparse.Namespace], Coroutine[None, None, None]]


def main(arguments: Sequence[str] | None = None) -> int:
    given = sys.argv[1:] if arguments is None else arguments
    if given and given[0] in OPERATORS:
        return _hand_over(given)
    asked = parser().parse_args(_with_codes(given))
    try:
        return int(asked.run(asked))
    except ClientError as error:
        return _complain(error.code, str(error))
    except OSError as error:  # a file or folder that is named on the command line
        sys.stderr.write(f"{error}\n")
        return NOT_DONE
    except KeyboardInterrupt:
        return NOT_DONE


class _Parser(argparse.ArgumentParser):
    """Takes no abbreviations: `--password secret` must not pass for `--password-file`."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings, allow_abbrev=False)


def parser() -> argparse.ArgumentParser:
    top = _Parser(prog="lyhty", description="Lyhty: reporters, experts and the operator's chores.")
    commands = top.add_subparsers(metavar="COMMAND", required=True)
    _add_init(commands.add_parser("init", help="make the keys and records of a new instance"))
    _add_root(commands.add_parser("root", help="with the root key: withdraw the directory key of a running service"))
    _add_demo(commands.add_parser("demo", help="look after the demo"))
    _add_report(commands.add_parser("report", help="send a report; prints the eight words"))
    _add_resume(commands.add_parser("resume", help="come back with the eight words"))
    _add_expert(commands.add_parser("expert", help="the desk: read the queue, claim, answer"))
    _add_audit(commands.add_parser("audit", help="check the log of openings and key acts; for coordinators"))
    _add_org(commands.add_parser("org", help="schools, municipalities and counties, and invoices; for coordinators"))
    _add_stats(commands.add_parser("stats", help="publish protected figures; for coordinators"))
    _add_open_export(commands.add_parser("open-export", help="read a copy of a case that its reporter has kept"))
    _add_verify(commands.add_parser("verify", help="compare what a server hands to browsers with a release"))
    for name, told in _operators_commands().items():
        commands.add_parser(name, help=f"on the server: {told}")
    return top


def _add_init(init: argparse.ArgumentParser) -> None:
    init.add_argument("folder", metavar="DIR", type=_folder)
    init.add_argument("--demo", action="store_true", help="made-up experts; their secrets lie in DIR/demo")
    init.add_argument("--keep", action="store_true", help="leave an instance that is there as it is")
    init.add_argument("--root-key", metavar="FILE", help="where the root key goes: not on the server; else asked for")
    init.add_argument("--sheet", metavar="FILE", help="the root key for printing; else beside the root key, as HTML")
    init.add_argument("--coordinator", metavar="NAME", help="the first coordinator, as others will see them")
    init.add_argument("--url", metavar="URL", help="the address of the service, as https://example.fi")
    init.add_argument("--language", metavar="ID", default="fi", help="of the sheet and of the coordinator: fi, sv, en")
    init.set_defaults(run=_init)


def _add_root(root: argparse.ArgumentParser) -> None:
    errands = root.add_subparsers(metavar="ERRAND", required=True)
    renew = errands.add_parser(
        "renew",
        help="a new root and directory key, when a coordinator has left, all are lost, or the root runs out",
        description="Makes the next root of a service, with a new directory key, as a file to carry to the server. Run"
        " it on a computer you trust, not on the server. What is not given is asked for.",
    )
    renew.add_argument("url", metavar="URL", nargs="?", help="the address on the poster, as https://example.fi/#a=...")
    renew.add_argument("--bundle", metavar="FILE", help="what URL/api/trust answers, for a computer without network")
    renew.add_argument("--anchor", metavar="B64", help="the 43 characters of the poster, if not in the URL")
    renew.add_argument("--ca", metavar="FILE", help="certificates to trust instead of the system's (PEM)")
    renew.add_argument(
        "--root-key", metavar="FILE", action="append", default=[],
        help="as `init` wrote it; - reads the characters or the 32 words of the sheet from standard input; may be"
        " repeated where the root has several keys",
    )  # fmt: skip
    renew.add_argument("--out", metavar="FILE", help="where the change goes: `root-change` in the server's data folder")
    renew.add_argument(
        "--remove", metavar="NAME", action="append", default=[], help="somebody who has left, or whose keys are lost"
    )
    renew.add_argument(
        "--coordinator", metavar="NAME", action="append", default=[], help="an expert who coordinates from now on"
    )
    renew.add_argument(
        "--join", metavar="QUEUE=NAME", action="append", default=[],
        help="an expert who is of that queue too from now on: lawyer=... or psychologist=...",
    )  # fmt: skip
    renew.add_argument("--found", metavar="NAME", help="nobody has keys any more: all leave, and this one begins anew")
    renew.add_argument(
        "--new-root-key", metavar="FILE", help="also a new root key, written here; else the old one stays"
    )
    renew.add_argument("--sheet", metavar="FILE", help="the new root key for printing; else beside it, as HTML")
    renew.add_argument("--language", metavar="ID", default="fi", help="of typed words, sheet and founder: fi, sv, en")
    renew.set_defaults(run=_renew_root)


def _add_demo(demo: argparse.ArgumentParser) -> None:
    chores = demo.add_subparsers(metavar="CHORE", required=True)
    renew = chores.add_parser("renew", help="sign the directory again if it ends within a week")
    renew.add_argument("folder", metavar="DIR", type=_folder)
    renew.set_defaults(run=_renew)
    addresses = chores.add_parser("addresses", help="where the pages are, and how the experts sign in")
    addresses.add_argument("folder", metavar="DIR", type=_folder)
    addresses.add_argument("--site", metavar="URL", help="else from LYHTY_HOST, LYHTY_PORT and LYHTY_TLS_CERT")
    addresses.set_defaults(run=_addresses)
    figures = chores.add_parser("figures", help="fill a demo that is running with schools and made-up figures")
    figures.add_argument("folder", metavar="DIR", type=_folder)
    _add_site(figures)
    figures.set_defaults(run=_online, command="demo")


def _add_site(command: argparse.ArgumentParser) -> None:
    command.add_argument("url", metavar="URL", help="the address on the poster, as https://example.fi/#a=...")
    command.add_argument("--anchor", metavar="B64", help="the 43 characters of the poster, if not in the URL")
    command.add_argument("--ca", metavar="FILE", help="certificates to trust instead of the system's (PEM)")
    command.add_argument("--json", action="store_true", help="for programs: one JSON object")


def _add_report(report: argparse.ArgumentParser) -> None:
    _add_site(report)
    report.add_argument("--text", help="what happened; else read from standard input")
    report.add_argument("--topic", metavar="ID", help="as bullying, threats, picture-shared")
    report.add_argument("--service", metavar="ID", action="append", default=[], help="as tiktok; may be repeated")
    report.add_argument(
        "--help-wanted",
        choices=("lawyer", "psychologist", "both", "unknown"),
        default="unknown",
        help="who reads it",
    )
    report.add_argument("--role", choices=("pupil", "staff"))
    report.add_argument("--age", choices=("7-9", "10-12", "13-15", "16-18", "adult"))
    report.add_argument("--school", metavar="ID", help="as on the poster: sealed, for figures alone")
    report.add_argument("--language", metavar="ID", default="fi", help="of the text and of the eight words")
    report.add_argument("--urgent", action="store_true")
    report.set_defaults(run=_online, command="report")


def _add_resume(resume: argparse.ArgumentParser) -> None:
    _add_site(resume)
    resume.add_argument("--words", help="the eight words, in any language; else asked for")
    resume.add_argument("--language", metavar="ID", default="fi", help="whose words are offered for a mistyped one")
    resume.add_argument("--reply", metavar="TEXT", help="send one more message")
    resume.add_argument(
        "--answer",
        choices=("all", "from-here", "no"),
        help="whether another profession may read it",
    )
    resume.add_argument(
        "--helped",
        choices=("helped", "somewhat", "no"),
        help="whether the answer helped, in a closed case too: sealed, for figures alone",
    )
    resume.add_argument(
        "--asked", choices=("impact", "later"), default="impact", help="with the answer, or two weeks later"
    )
    resume.add_argument("--erase", action="store_true", help="erase the whole case, for good")
    resume.set_defaults(run=_online, command="resume")


def _add_expert(expert: argparse.ArgumentParser) -> None:
    errands = expert.add_subparsers(metavar="ERRAND", required=True, dest="errand")
    for name, told in (
        ("inbox", "the waiting and the held cases"),
        ("claim", "take a case and read it"),
        ("read", "a case that is yours"),
        ("reply", "an answer with --part, a message with --text or from standard input"),
        ("ask-handover", "ask the reporter whether another profession may help too"),
        ("release", "give a case back to its queue"),
        ("close", "a case that is finished"),
        ("password", "another password for your own account; it asks for it"),
        ("depart", "coordinators: somebody has left, or their device was stolen; may be repeated until it is done"),
        ("renew", "coordinators: sign the directory for another 14 days, with new keys once a month"),
        ("turn", "coordinators: go on with new keys for cases where somebody was interrupted"),
    ):
        errand = errands.add_parser(name, help=told)
        _add_site(errand)
        _add_account(errand, required=True)
        errand.add_argument("--queue", metavar="N", type=int, help="1 lawyer, 2 psychologist; else the expert's own")
        if name == "password":
            errand.add_argument(
                "--new-keys", action="store_true", help="new keys too, which a coordinator's sign-in lists"
            )
        if name == "depart":
            errand.add_argument("--expert", required=True, help="whose name stands in the directory")
            errand.add_argument(
                "--even-if-nobody-is-left", action="store_true",
                help="in a queue of theirs: nobody will read what comes to it; the console splits its key, not this",
            )  # fmt: skip
        elif name not in ("inbox", "password", "renew", "turn"):
            errand.add_argument("--case", metavar="B64", required=True, help="as `inbox` prints it")
        if name == "ask-handover":
            errand.add_argument("--to", choices=("lawyer", "psychologist"), required=True, help="who would join")
            errand.add_argument("--text", required=True, help="one or two plain sentences why; the reporter reads them")
        if name == "reply":
            errand.add_argument("--text", help="a message")
            errand.add_argument("--part", metavar="PART=TEXT", action="append", default=[], help="as legal=...")
            errand.add_argument(
                "--plain", metavar="LINE", action="append", default=[], help="a line on top of an answer"
            )
            errand.add_argument(
                "--tick", metavar="LINE", action="append", default=[], help="a thing to do, on top of it"
            )
        errand.set_defaults(run=_online, command="expert")


def _add_audit(audit: argparse.ArgumentParser) -> None:
    errands = audit.add_subparsers(metavar="ERRAND", required=True, dest="errand")
    verify = errands.add_parser("verify", help="from its first entry; with a URL, a FILE, or both to compare them")
    verify.add_argument("url", metavar="URL", nargs="?", help="the address on the poster, as https://example.fi/#a=...")
    verify.add_argument("--file", metavar="FILE", type=Path, help="a copy; with a URL, the log must still begin so")
    save = errands.add_parser("save", help="keep a copy, which the server cannot change, and check it")
    save.add_argument("url", metavar="URL", help="the address on the poster, as https://example.fi/#a=...")
    save.add_argument("file", metavar="FILE", type=Path)
    for errand in (verify, save):
        errand.add_argument("--anchor", metavar="B64", help="the 43 characters of the poster, if not in the URL")
        errand.add_argument("--ca", metavar="FILE", help="certificates to trust instead of the system's (PEM)")
        errand.add_argument("--json", action="store_true", help="for programs: one JSON object")
        _add_account(errand, required=errand is save)
        errand.set_defaults(run=_audit)


def _add_org(org: argparse.ArgumentParser) -> None:
    errands = org.add_subparsers(metavar="ERRAND", required=True, dest="errand")
    bring_in = errands.add_parser("import", help="bring in a file, CSV or XLSX: all of it, or with a problem nothing")
    listed = errands.add_parser("list", help="the tree, and who pays for whom")
    basis = errands.add_parser("invoice-basis", help="pupils, days and shares of each funding body, as CSV")
    kit = errands.add_parser("kit", help="posters, letters and the other papers of a school, into a folder")
    for errand in (bring_in, listed, basis, kit):
        _add_site(errand)
        _add_account(errand, required=True)
        errand.set_defaults(run=_org)
    bring_in.add_argument("file", metavar="FILE", type=Path)
    bring_in.add_argument("--dry-run", action="store_true", help="only say what would change, and what is wrong")
    bring_in.add_argument("--language", choices=("fi", "sv", "en"), default="fi", help="of what is wrong with the file")
    basis.add_argument("period", metavar="PERIOD", help="2026-11, 2026-autumn, 2027-spring or 2026-2027")
    kit.add_argument("school", metavar="SCHOOL", help="its number in the tree")
    kit.add_argument("--out", metavar="DIR", type=Path, required=True, help="a folder, made if it is not there")
    basis.add_argument("--out", metavar="FILE", type=Path, help="else on standard output")


def _add_stats(stats: argparse.ArgumentParser) -> None:
    errands = stats.add_subparsers(metavar="ERRAND", required=True, dest="errand")
    release = errands.add_parser("release", help="draw and publish what is due, or say what would be")
    which = release.add_mutually_exclusive_group()
    which.add_argument("--period", metavar="PERIOD", help="one alone: 2026-11, 2026-autumn, 2027-spring, 2026-2027")
    which.add_argument("--due", action="store_true", help="all that is due, which is what is meant without it too")
    how = release.add_mutually_exclusive_group(required=True)
    how.add_argument("--dry-run", action="store_true", help="say what would go out and what it costs; draw nothing")
    how.add_argument("--publish", action="store_true", help="draw it, once and for good; nothing due is no error")
    ledger = errands.add_parser("ledger", help="what was drawn, table by table, and what a case has spent by it")
    for errand in (release, ledger):
        errand.add_argument("url", metavar="URL", help="the address on the poster, as https://example.fi/#a=...")
        errand.add_argument("--anchor", metavar="B64", help="the 43 characters of the poster, if not in the URL")
        errand.add_argument("--ca", metavar="FILE", help="certificates to trust instead of the system's (PEM)")
        errand.add_argument("--json", action="store_true", help="for programs: one JSON object")
        _add_account(errand, required=True)
        errand.set_defaults(run=_online, command="stats")


def _add_account(errand: argparse.ArgumentParser, *, required: bool) -> None:
    errand.add_argument("--name", required=required, help="the account name")
    errand.add_argument("--device", metavar="B64", help="the device code, if not in the URL")
    errand.add_argument("--password-file", metavar="FILE", help="else the password is asked for")


def _add_open_export(opening: argparse.ArgumentParser) -> None:
    opening.add_argument("file", metavar="FILE", type=Path)
    opening.add_argument(
        "--anchor", metavar="B64", help="the 43 characters of the poster, to compare the instance with"
    )
    opening.add_argument("--words", help="the eight words, if the file was locked with them; else asked for")
    opening.add_argument("--language", metavar="ID", default="fi", help="whose words are offered for a mistyped one")
    opening.add_argument("--password-file", metavar="FILE", help="if it was locked with a password; else asked for")
    opening.add_argument("--json", action="store_true", help="for programs: one JSON object")
    opening.set_defaults(run=_open_export)


def _add_verify(verify: argparse.ArgumentParser) -> None:
    _add_site(verify)
    verify.add_argument("--manifest", metavar="FILE", type=Path, required=True, help="manifest.json of the release")
    verify.set_defaults(run=_verify)


def _operators_commands() -> dict[str, str]:
    try:
        return dict(import_module("lyhty_server.operator.commands").present())
    except ModuleNotFoundError:
        return {}


def _hand_over(given: Sequence[str]) -> int:
    try:
        server = import_module("lyhty_server.__main__")
    except ModuleNotFoundError:
        sys.stderr.write(f"`lyhty {given[0]}` needs the server, which is not installed here: install lyhty-server.\n")
        return NOT_DONE
    return int(server.main(given, "lyhty"))


def _folder(text: str) -> DataFolder:
    return DataFolder(Path(text))


def _init(asked: argparse.Namespace) -> int:
    folder: DataFolder = asked.folder
    if folder.provision.exists():
        _say(f"There is an instance in {folder.path} already; it stays as it is.")
        return DONE if asked.keep else NOT_DONE
    if not asked.demo:
        from lyhty_client import cli_init

        cli_init.run(asked, input, _say)
        return DONE
    from lyhty_client.ceremony import found_demo, write_demo
    from lyhty_client.clock import system_clock

    write_demo(folder, found_demo(system_clock()))
    return DONE


def _renew_root(asked: argparse.Namespace) -> int:
    from lyhty_client.cli_root import run
    from lyhty_crypto.errors import CryptoError
    from lyhty_wire.errors import WireError

    try:
        run(asked, input, _say)
    except (WireError, CryptoError) as error:
        return _complain(error.code, str(error))
    return DONE


def _renew(asked: argparse.Namespace) -> int:
    from lyhty_client.clock import system_clock
    from lyhty_client.demo import renew

    if renew(asked.folder, system_clock()):
        _say("The demo's directory was about to end; it is signed for another 14 days.")
    return DONE


def _addresses(asked: argparse.Namespace) -> int:
    from lyhty_client.demo import addresses

    _say(addresses(asked.folder, asked.site or _site(os.environ)))
    return DONE


def _online(asked: argparse.Namespace) -> int:
    """A command that speaks with a server. Whatever package says no, its code is what the person is told."""
    import asyncio

    from lyhty_crypto.errors import CryptoError
    from lyhty_wire.errors import WireError

    try:
        asyncio.run(_command(asked.command)(asked))
    except (WireError, CryptoError) as error:
        return _complain(error.code, str(error))
    return DONE


def _audit(asked: argparse.Namespace) -> int:
    """1: it is not whole, or could not be read; which of them, the sentence says."""
    import asyncio

    from lyhty_client import cli_audit
    from lyhty_crypto.errors import CryptoError
    from lyhty_wire.errors import WireError

    if asked.url is not None and asked.name is None:
        sys.stderr.write("A coordinator's --name is needed to read the log from a server.\n")
        return NOT_UNDERSTOOD
    errand = cli_audit.save if asked.errand == "save" else cli_audit.verify
    try:
        return DONE if asyncio.run(errand(asked)) else NOT_DONE
    except (WireError, CryptoError) as error:
        return _complain(error.code, str(error))


def _org(asked: argparse.Namespace) -> int:
    """1 also when the file that should be brought in has to be corrected."""
    import asyncio

    from lyhty_client import cli_kit, cli_org
    from lyhty_crypto.errors import CryptoError
    from lyhty_wire.errors import WireError

    errands = {
        "import": cli_org.bring_in,
        "list": cli_org.listed,
        "invoice-basis": cli_org.invoice_basis,
        "kit": cli_kit.write_kit,
    }
    try:
        return DONE if asyncio.run(errands[asked.errand](asked)) else NOT_DONE
    except (WireError, CryptoError) as error:
        return _complain(error.code, str(error))


def _open_export(asked: argparse.Namespace) -> int:
    from lyhty_client.cli_export import open_export
    from lyhty_crypto.errors import CryptoError
    from lyhty_wire.errors import WireError

    try:
        open_export(asked)
    except (WireError, CryptoError) as error:
        return _complain(error.code, str(error))
    return DONE


def _verify(asked: argparse.Namespace) -> int:
    """Of its own kind: 1 is an answer here, the one that matters, and 2 says that there is none."""
    import asyncio

    from lyhty_client.verify import run
    from lyhty_wire.errors import MalformedError

    try:
        return DONE if asyncio.run(run(asked)) else NOT_DONE
    except MalformedError as error:
        sys.stderr.write(f"{asked.manifest} is not the manifest of a release. [{error}]\n")
    except ClientError as error:
        _complain(error.code, str(error))
    except OSError as error:
        sys.stderr.write(f"{error}\n")
    return NOT_UNDERSTOOD


def _command(name: str) -> Online:
    if name == "expert":
        from lyhty_client import cli_expert

        return cli_expert.run
    if name == "stats":
        from lyhty_client import cli_stats

        return cli_stats.run
    if name == "demo":
        from lyhty_client import demo_figures

        return demo_figures.run
    from lyhty_client import cli_reporter

    return {"report": cli_reporter.report, "resume": cli_reporter.resume}[name]


def _site(environ: Mapping[str, str]) -> str:
    host, port = environ.get("LYHTY_HOST", DEFAULT_HOST), environ.get("LYHTY_PORT", DEFAULT_PORT)
    scheme = "https" if environ.get("LYHTY_TLS_CERT") else "http"
    return f"{scheme}://{f'[{host}]' if ':' in host else host}:{port}"


def _with_codes(arguments: Sequence[str]) -> list[str]:
    """Each code in one piece with its option: it may begin with a hyphen, which would make it an option of its own."""
    joined: list[str] = []
    for each in arguments:
        if joined and joined[-1] in CODES:
            joined[-1] += f"={each}"
        else:
            joined.append(each)
    return joined


def _complain(code: str, detail: str) -> int:
    """One sentence and the code, on standard error."""
    from lyhty_client.sentences import sentence

    sys.stderr.write(f"{sentence(code)} [{detail}]\n")
    return NOT_DONE


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")


if __name__ == "__main__":
    sys.exit(main())
