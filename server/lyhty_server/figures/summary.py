"""One page in plain words: what changed beyond chance and what did not, what it means, what one can do (SPEC 12.5).

Only what `differs` is called a change. Nothing here names a person, asks to find one, or ranks organisations.
"""

from collections.abc import Iterator

from lyhty_server.figures.body import Block, Body, Name, Row
from lyhty_server.figures.counts import Count, differs
from lyhty_server.figures.pages import Summary, SummaryPart
from lyhty_server.figures.words import Words
from lyhty_wire.figures.periods import Month, Period, Span


def summary_of(body: Body, whose: str, words: Words) -> Summary:
    blocks = {block.name: block for block in body.blocks}
    count = blocks[Name.CASES].total
    if count is None:
        lead = words("summary.none", whose=whose, period=words.period(body.period))
        return Summary(words("summary.title"), lead, [_part("advice", [words("advice.kit")], words)])
    is_running = any(row.count is None for row in blocks[Name.CASES].rows)
    changes = [] if is_running else list(_against_before(body, count, blocks[Name.HISTORY], words))
    rates = [] if is_running else list(_against_others(blocks[Name.COMPARISON], words))
    topic = _clear_topic(blocks[Name.TOPICS])
    said = [*changes, *rates]
    if blocks[Name.TOPICS].rows:
        text = (
            words("summary.no-topic") if topic is None else words("summary.topic", topic=words.category("topic", topic))
        )
        said.append((topic is not None, text))
    more = any(key == "more" for key in _directions(body, count, blocks[Name.HISTORY])) and not is_running
    fewer = any(key == "fewer" for key in _directions(body, count, blocks[Name.HISTORY])) and not is_running
    meaning = [words("summary.means-few")] if count.is_few else []
    meaning += [words("summary.means-more")] if more else []
    meaning += [words("summary.means-fewer")] if fewer and not more else []
    meaning += [words("summary.means-same")] if not (more or fewer or count.is_few) else []
    meaning.append(words("summary.guess"))
    advice = [words("advice.always")]
    if topic is not None:
        advice.append(words.category("advice", topic))
    advice.append(words("advice.kit"))
    return Summary(
        words("summary.title"),
        _lead(body, count, whose, words, is_running=is_running),
        [
            _part("changed", [text for is_clear, text in said if is_clear], words),
            _part("same", [text for is_clear, text in said if not is_clear], words),
            _part("meaning", meaning, words),
            _part("advice", advice, words),
        ],
    )


def _lead(body: Body, count: Count, whose: str, words: Words, *, is_running: bool) -> str:
    period = words.period(body.period)
    if count.is_few:
        lead = words("summary.few", whose=whose, period=period, high=count.high)
    else:
        lead = words(
            "summary.lead", count.value, whose=whose, period=period, low=count.low, high=count.high,
            interval=words.interval(count.low, count.high),
        )  # fmt: skip
    return f"{lead} {words('summary.so-far')}" if is_running else lead


def _part(name: str, texts: list[str], words: Words) -> SummaryPart:
    return SummaryPart(name, words(f"summary.{name}"), texts)


def _earlier(body: Body, history: Block) -> Iterator[tuple[Period, Row]]:
    """The term before, and the same term a year ago; of a year none: its terms tell."""
    if body.period.span is not Span.TERM:
        return
    year, month = body.period.first
    for row in history.rows:
        period = Period.parse(row.key)
        follows = period.months[-1].following == body.period.first
        # A group of other schools than now is no comparison: its row has a note.
        if (follows or period.first == Month(year - 1, month)) and row.note is None:
            yield period, row


def _directions(body: Body, count: Count, history: Block) -> Iterator[str]:
    for _, row in _earlier(body, history):
        if row.count is not None and differs(count, row.count):
            yield "more" if count.value > row.count.value else "fewer"


def _against_before(body: Body, count: Count, history: Block, words: Words) -> Iterator[tuple[bool, str]]:
    for period, row in _earlier(body, history):
        if row.count is not None:
            said = {"before": words.period(period), "now": words.count(count), "text": words.count(row.count)}
            is_clear = differs(count, row.count)
            way = "no-change" if not is_clear else "more" if count.value > row.count.value else "fewer"
            yield is_clear, words(f"summary.{way}", **said)


def _against_others(block: Block, words: Words) -> Iterator[tuple[bool, str]]:
    own, *others = block.rows
    if own.count is None or own.pupils is None:
        return
    for other in others:
        if other.count is None or other.pupils is None or other.count == own.count:
            continue
        is_clear = differs(own.count, other.count, 100 / own.pupils, 100 / other.pupils)
        is_more = own.count.value / own.pupils > other.count.value / other.pupils
        way = "none" if not is_clear else "more" if is_more else "fewer"
        name = words.names(other.names) if other.names else words("kind.service")
        now, text = words.rate(own.count, own.pupils), words.rate(other.count, other.pupils)
        yield is_clear, words(f"summary.beyond-{way}", now=now, name=name, text=text)


def _clear_topic(block: Block) -> str | None:
    """What there is clearly more of than of anything else."""
    counts = sorted(
        ((row.count, row.key) for row in block.rows if row.count is not None), key=lambda each: -each[0].value
    )
    if len(counts) < 2:
        return None
    (first, topic), (second, _) = counts[0], counts[1]
    return topic if not first.is_few and differs(first, second) else None
