"""A judged log as one HTML file: no script, nothing from elsewhere, made to be printed."""

from collections.abc import Iterable, Sequence
from html import escape

from tongdian.engine.conformance import Judgement, Month, StageDurations
from tongdian.engine.formats import BadRow
from tongdian.web.log_summary import Provenance, digests, facts, number, percent, title
from tongdian.web.log_words import FIGURES, RATES, Words, label, words

IDS_SHOWN = 400
ROWS_SHOWN = 200
_STYLE = """
:root{--ink:#17252b;--soft:#52646b;--line:#d5dee0;--accent:#0b5d61;--tint:#eef5f5}
*{box-sizing:border-box}
body{margin:0 auto;max-width:68rem;padding:32px 24px;background:#fff;color:var(--ink);line-height:1.5;
font:16px/1.5 "Noto Sans CJK SC","Source Han Sans SC","PingFang SC","Microsoft YaHei",system-ui,sans-serif}
h1{font-size:1.75rem;margin:0 0 4px}
h2{font-size:1.2rem;margin:40px 0 8px;border-top:3px solid var(--accent);padding-top:8px}
p{margin:4px 0 12px}a{color:var(--accent)}.soft{color:var(--soft)}
.rates{display:flex;flex-wrap:wrap;gap:16px 48px;margin:24px 0}
.rates strong{display:block;font-size:2.5rem;line-height:1.1;color:var(--accent);font-variant-numeric:tabular-nums}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:.9375rem}
th,td{padding:6px 12px 6px 0;border-bottom:1px solid var(--line);text-align:left;vertical-align:top}
th{font-weight:600;color:var(--soft);vertical-align:bottom}td.n,th.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
th.n{white-space:normal;min-width:4rem}td:first-child{min-width:9rem}td.long{overflow-wrap:anywhere}
details{border-bottom:1px solid var(--line);padding:8px 0}summary{cursor:pointer}
.ids{font-size:.875rem;color:var(--soft);overflow-wrap:anywhere}
@media print{body{max-width:none;padding:0;font-size:11pt}h2{break-after:avoid}tr{break-inside:avoid}
a{color:inherit;text-decoration:none}.scroll{overflow:visible}table{font-size:9pt}}
""".strip()


def report(judged: Judgement, origin: Provenance, *, language: str) -> str:
    """Write the report. Everything that comes from the log or the mapping is escaped."""
    word = words(language)
    sections = [
        _head(judged, origin, language),
        _section(word("summary"), _pairs(facts(judged, origin, language))),
        _section(word("figure"), _figures(judged, language, word)),
        _section(word("months"), _months(judged.months, word)),
        _section(word("durations"), _durations(judged, word, language), note=word("percentile_note")),
        _section(word("steps"), _steps(judged, word)),
        _section(word("findings"), _findings(judged, word)),
        _section(word("bad_rows"), _bad_rows(judged.log.bad_rows, word)),
        _section(word("evidence"), _evidence(judged, word, language), note=word("evidence_note")),
        _section(word("provenance"), _pairs(digests(judged, origin, language))),
    ]
    lang = {"zh": "zh-Hans", "en": "en"}[language]
    return (
        f'<!doctype html>\n<html lang="{lang}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(word('heading'))} – {escape(title(judged, origin, language))}</title>\n"
        f"<style>{_STYLE}</style>\n</head>\n<body>\n" + "\n".join(sections) + "\n</body>\n</html>\n"
    )


def _head(judged: Judgement, origin: Provenance, language: str) -> str:
    big = "".join(
        f"<div><strong>{escape(percent(rate.share))}</strong>{escape(label(RATES, rate.id, language)[0])}"
        f'<br><span class="soft">{escape(label(RATES, rate.id, language)[1])}<br>'
        f"{rate.numerator_n:,} / {rate.denominator_n:,}</span></div>"
        for rate in judged.rates
    )
    heading, name = words(language)("heading"), title(judged, origin, language)
    return f'<h1>{escape(heading)}</h1>\n<p class="soft">{escape(name)}</p>\n<div class="rates">{big}</div>'


def _section(heading: str, body: str, *, note: str = "") -> str:
    said = f'<p class="soft">{escape(note)}</p>' if note else ""
    return f'<section><h2>{escape(heading)}</h2>{said}<div class="scroll">{body}</div></section>'


def _pairs(pairs: Iterable[tuple[str, str]]) -> str:
    rows = (
        f'<tr><th scope="row">{escape(name)}</th><td class="long">{escape(value)}</td></tr>' for name, value in pairs
    )
    return f"<table><tbody>{''.join(rows)}</tbody></table>"


def _table(headings: Sequence[str], rows: Iterable[Sequence[str]], *, numbers: int = 0) -> str:
    """Write a table of plain text; the last `numbers` columns are numbers."""
    first = len(headings) - numbers
    kind = ["" if place < first else ' class="n"' for place in range(len(headings))]
    top = "".join(f'<th scope="col"{kind[place]}>{escape(text)}</th>' for place, text in enumerate(headings))
    body = "".join(
        "<tr>" + "".join(f"<td{kind[place]}>{escape(text)}</td>" for place, text in enumerate(row)) + "</tr>"
        for row in rows
    )
    return f"<table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>"


def _figures(judged: Judgement, language: str, word: Words) -> str:
    rows = []
    for name, cases in judged.figures.items():
        text, definition = label(FIGURES, name, language)
        count = f'<a href="#{escape(name)}">{len(cases):,}</a>'
        rows.append(f'<tr><td>{escape(text)}</td><td>{escape(definition)}</td><td class="n">{count}</td></tr>')
    top = "".join(f'<th scope="col">{escape(word(each))}</th>' for each in ("figure", "definition"))
    top += f'<th scope="col" class="n">{escape(word("number"))}</th>'
    return f"<table><thead><tr>{top}</tr></thead><tbody>{''.join(rows)}</tbody></table>"


def _months(months: Sequence[Month], word: Words) -> str:
    headings = ["month", "due_in_month", "on_time", "share_due", "closed_in_month", "on_time", "share_closed"]
    rows = ([f"{month.first:%Y-%m}", *_halves(month)] for month in months)
    return _table([word(each) for each in headings], rows, numbers=6)


def _halves(month: Month) -> list[str]:
    halves = ((month.due, month.due_on_time), (month.closed, month.closed_on_time))
    return [
        text
        for every, kept in halves
        for text in (f"{len(every):,}", f"{len(kept):,}", percent(len(kept) / len(every) if len(every) else None))
    ]


def _durations(judged: Judgement, word: Words, language: str) -> str:
    shapes = [
        f"{word(shape)}·{word(unit)}" for unit in ("counted_days", "elapsed_days") for shape in ("mean", "p50", "p90")
    ]
    headings = [word("stage"), word("instances"), word("open_instances"), word("again")]
    headings += [word("limit"), word("on_time"), word("late_instances"), *shapes]
    whole = [word("whole_case"), f"{judged.counted.n:,}", f"{len(judged.figures['open']):,}", "—", "—", "—", "—"]
    whole += [number(value) for each in (judged.counted, judged.elapsed) for value in (each.mean, each.p50, each.p90)]
    return _table(headings, [whole, *(_stage(stage, language) for stage in judged.stages)], numbers=12)


def _stage(stage: StageDurations, language: str) -> list[str]:
    has_limit = stage.limit_days is not None
    verdicts = [f"{stage.limit_days:,}", f"{len(stage.on_time):,}", f"{len(stage.late):,}"] if has_limit else ["—"] * 3
    counts = [f"{stage.counted.n:,}", f"{len(stage.open):,}", f"{len(stage.again):,}"]
    days = [number(value) for each in (stage.counted, stage.elapsed) for value in (each.mean, each.p50, each.p90)]
    return [stage.title.get(language, stage.id), *counts, *verdicts, *days]


def _steps(judged: Judgement, word: Words) -> str:
    since = word("hours_since")
    headings = [word("step"), word("events"), word("number"), word("repeated")]
    headings += [f"{word(shape)}·{since}" for shape in ("mean", "p50", "p90")]
    rows = (
        [
            line.activity,
            f"{line.events:,}",
            f"{len(line.cases):,}",
            f"{len(line.again):,}",
            *(number(value) for value in (line.hours.mean, line.hours.p50, line.hours.p90)),
        ]
        for line in judged.step_lines[:ROWS_SHOWN]
    )
    return _table(headings, rows, numbers=6)


def _findings(judged: Judgement, word: Words) -> str:
    rows = ([word(name), f"{len(places):,}"] for name, places in judged.findings.items())
    return _table([word("finding"), word("events")], rows, numbers=1)


def _bad_rows(bad: Sequence[BadRow], word: Words) -> str:
    if not bad:
        return f"<p>{escape(word('bad_rows_none'))}</p>"
    rows = (
        [f"{each.row:,}", each.column, each.value, word(each.reason), word("yes" if each.is_dropped else "no")]
        for each in bad[:ROWS_SHOWN]
    )
    more = len(bad) - ROWS_SHOWN
    said = f"<p>{escape(word('more').format(n=f'{more:,}'))}</p>" if more > 0 else ""
    return _table([word(each) for each in ("row", "column", "value", "reason", "is_dropped")], rows) + said


def _evidence(judged: Judgement, word: Words, language: str) -> str:
    lists = []
    for name, cases in judged.figures.items():
        shown = ", ".join(judged.cases.ids[case] for case in cases[:IDS_SHOWN]) or word("none")
        more = len(cases) - IDS_SHOWN
        said = f" … {word('more').format(n=f'{more:,}')}" if more > 0 else ""
        head = f"{label(FIGURES, name, language)[0]}: {len(cases):,}"
        lists.append(
            f'<details id="{escape(name)}"><summary>{escape(head)}</summary>'
            f'<p class="ids">{escape(shown)}{escape(said)}</p></details>'
        )
    return "".join(lists)
