"""The sentences of an audit: its terms, remarks beside its tables, and why its verdict is so."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from lrac_audit.ledger.conventions import fate_of
from lrac_audit.ledger.latency import context, latency
from lrac_audit.ledger.row import Ledger, Mode
from lrac_audit.ledger.wmops_band import WMOPS_PER_MAC, wmops_band
from lrac_audit.limits.advice import most_costly
from lrac_audit.limits.bitstream import exceeds
from lrac_audit.report.numerals import check_figure, number

if TYPE_CHECKING:
    from lrac_audit.auditing.audit import Audit
    from lrac_audit.auditing.variants import Absorption
    from lrac_audit.ledger.bitstream import Bitstream, CodeStream
    from lrac_audit.limits.verdict import Verdict

SHOWN_DOUBTS = 5
WMOPS_ESTIMATE = "wmops-estimate"
"""The convention beside which the band of annotated C is shown."""


def terms(audit: Audit) -> str:
    """Return the design and the terms on which its figures hold, in two lines."""
    ledger, convention = audit.ledger, audit.convention
    frames = number(ledger.sample_rate_hz / ledger.hop_samples)
    one = convention.flops_per_mac == 1
    macs = "MACs, not FLOPs" if one else f"1 MAC = {convention.flops_per_mac} FLOPs"
    return (
        f"{ledger.sample_rate_hz} Hz, hop {ledger.hop_samples} samples, {frames} frames/s; "
        f"{running(audit)}\n"
        f"counted by {convention.name}, version {convention.version}: {macs}"
    )


def running(audit: Audit) -> str:
    """Return the quantizer, its form and the bitrate of a codec, as far as it has any."""
    mode = audit.ledger.mode
    count = mode.active_layers
    layers = "" if count is None else f"{count} layer{'' if count == 1 else 's'} on"
    return ", ".join(part for part in (quantizer_form(audit), layers, bitrate(mode)) if part)


def quantizer_form(audit: Audit) -> str:
    """Return the kind of a design's quantizer and its form; empty for a measured codec."""
    return "" if audit.design is None else audit.design.quantizer.described(audit.ledger.mode.rvq)


def bitrate(mode: Mode) -> str:
    """Return the bitrate of a mode, or that it is not known."""
    return "bitrate unknown" if mode.bitrate_kbps is None else f"{number(mode.bitrate_kbps)} kbps"


def remarks(audit: Audit) -> list[str]:
    """Return the remarks that stand beside the tables, one sentence each."""
    found = [_receptive_field(audit), *_packing(audit), *_other_modes(audit)]
    if audit.design is not None and not audit.ledger.bitrates_kbps:
        found.append("Nothing is quantized, so that there is no bitrate to hold to a limit.")
    if audit.ledger.measured:
        found.append(_measured(audit.ledger))
    if not audit.ledger.is_divided:
        found.append("The codec was measured whole: what each side costs is not known.")
    if audit.agreement is not None:
        found += audit.agreement.remarks
    if audit.ledger.data_dependence is not None:
        found.append(str(audit.ledger.data_dependence))
    found += [f"Bounds: {line}." for line in bounded_checks(audit.verdict)]
    found += [f"Broken promise: {line}." for line in broken_promises(audit)]
    found += [f"Not checked: {line}." for line in unchecked_promises(audit)]
    found += [f"Not proved: {line}." for line in first_doubts(audit)]
    if audit.convention.name == WMOPS_ESTIMATE and audit.ledger.is_divided:
        found.append(_wmops_band(audit))
    if audit.absorption is not None:
        found.append(_trade(audit.absorption, audit.convention.unit))
    if audit.limits_are_default:
        name = audit.verdict.limits.name
        found.append(f"The design names no limits; judged by {name}, the strictest known.")
    found += [
        f"Under {other.convention.name} the verdict would be {other.status}"
        + (f": {_broken(other)}." if other.status == "fail" else ".")
        for other in audit.other_verdicts
    ]
    return found


def _measured(ledger: Ledger) -> str:
    """Return where the rows of a codec without a design come from; only graphs show their state."""
    if all(row.state_values is None for row in ledger.rows):
        return "The rows are what witnesses saw of a running model; state is not measured."
    return "The rows are the nodes of graphs, counted by the shapes of their values."


def reasons(audit: Audit, mending: Sequence[str]) -> list[str]:
    """Return what costs most, what is not known or proved, and the sentences of ``mending``."""
    dearest = ", ".join(
        f"{cost.row.name} {number(cost.mflops)}"
        for cost in most_costly(audit.ledger, audit.convention)
    )
    found = [f"dearest, in {audit.convention.unit}: {dearest}"]
    if audit.limits_are_default:
        found.append(f"the design names no limits; {audit.verdict.limits.name} is the strictest")
    found += [f"not known: {line}" for line in uncounted_operations(audit)]
    if audit.ledger.data_dependence is not None:
        found.append(str(audit.ledger.data_dependence))
    found += bounded_checks(audit.verdict)
    found += [f"broken promise: {line}" for line in broken_promises(audit)]
    found += [f"not checked: {line}" for line in unchecked_promises(audit)]
    found += [f"not proved: {line}" for line in first_doubts(audit)]
    if audit.agreement is not None:
        found += audit.agreement.remarks
    found += mending
    return found + [
        f"under {other.convention.name} it would be {other.status}"
        for other in audit.other_verdicts
    ]


def bounded_checks(verdict: Verdict) -> list[str]:
    """Return the checks whose value is known only between two bounds, and which one is judged."""
    return [
        f"{check.id} is at least {number(check.at_least)}, at most {check_figure(check.value)} "
        f"{check.unit}; judged at most {check_figure(check.value)}"
        for check in verdict.checks
        if check.at_least is not None
    ]


def broken_promises(audit: Audit) -> list[str]:
    """Return what is wrong with the codec's bitstream, each with what was declared and seen."""
    found = audit.ledger.bitstream
    if found is None:
        return []
    sentences = list(found.broken)
    if exceeds(found):
        streams = ", ".join(map(_stream, found.streams))
        sentences.append(
            f"{number(found.declared_kbps)} kbps are declared, and the codes need "
            f"{number(found.observed_kbps)}: {streams}{_tables(found)}"
        )
    return sentences


def unchecked_promises(audit: Audit) -> list[str]:
    """Return what could not be checked about the codec's bitstream."""
    found = audit.ledger.bitstream
    return [] if found is None else list(found.unchecked)


def _tables(found: Bitstream) -> str:
    """Return the bitrate by tables, as an addition to a sentence."""
    if not found.table_bits_per_s:
        return ""
    return f"; by the tables that they index {number(found.table_bits_per_s / 1000)} kbps"


def _stream(stream: CodeStream) -> str:
    text = f"{stream.name} of {stream.dtype}, {number(stream.values_per_s)} a second"
    if stream.lowest is None:
        return text
    return f"{text} from {number(stream.lowest)} to {number(stream.highest)}"


def first_doubts(audit: Audit) -> list[str]:
    """Return a few of the places where witnesses disagree, and how many more there are."""
    doubts = list(audit.verdict.doubts)
    more = len(doubts) - SHOWN_DOUBTS
    return [*doubts[:SHOWN_DOUBTS], f"{more} more figures differ"] if more > 0 else doubts


def _receptive_field(audit: Audit) -> str:
    seen = context(audit.ledger)
    if audit.ledger.measured and None in seen:
        encoder, past, future = (_count_or_unknown(value) for value in seen)
        return (
            f"Samples that a latent frame sees: {encoder}; latent frames around its own that an "
            f"output sample sees: {past} before, {future} after."
        )
    encoder = (
        "all past samples" if seen.encoder_samples is None else f"{seen.encoder_samples:,} samples"
    )
    if latency(audit.ledger).transmit_samples is None:
        encoder = "the whole clip"
    past = "all past" if seen.decoder_past_frames is None else _offset(-seen.decoder_past_frames)
    future = (
        "all later" if seen.decoder_future_frames is None else _offset(seen.decoder_future_frames)
    )
    return f"A latent frame sees {encoder}; an output sample sees latent frames {past} to {future}."


def _offset(frames: int) -> str:
    """Return a distance in frames with its sign, which 0 has none of."""
    return f"{frames:+}" if frames else "0"


def _count_or_unknown(value: int | None) -> str:
    return "unknown or unbounded" if value is None else f"{value:,}"


def _packing(audit: Audit) -> list[str]:
    """Return how much of a frame's bits packing wastes, where it wastes any."""
    layers = audit.ledger.mode.active_layers
    if audit.design is None or layers is None:
        return []
    quantizer = audit.design.quantizer
    packed, held = quantizer.bits_per_frame(layers), quantizer.information_bits_per_frame(layers)
    if packed == held:
        return []
    return [f"A frame takes {packed} bits, of which its indices hold {number(held)}."]


def _other_modes(audit: Audit) -> list[str]:
    unit, found = audit.convention.unit, []
    for other in audit.other_modes:
        overall = number(other.mflops("overall", audit.convention))
        receive = number(other.mflops("receive", audit.convention))
        kbps = number(other.ledger.mode.bitrate_kbps)
        found.append(f"The mode of {kbps} kbps needs {overall} {unit}, {receive} of it to receive.")
    return found


def _trade(trade: Absorption, unit: str) -> str:
    return (
        f"Absorbing the output projections saves {number(trade.transmit_mflops_saved)} {unit} on "
        f"the transmit side and {number(trade.receive_mflops_saved)} on the receive side, for "
        f"{trade.transmit_values_added:+,} and {trade.receive_values_added:+,} stored values."
    )


def _wmops_band(audit: Audit) -> str:
    bands = {part: wmops_band(audit.ledger, audit.totals, part) for part in WMOPS_PER_MAC}
    found = ", ".join(
        f"{part} {number(band.low, 1)} to {number(band.high, 1)}" for part, band in bands.items()
    )
    ratios = " and ".join(
        f"{ratio.low:g} to {ratio.high:g} in {part}s" for part, ratio in WMOPS_PER_MAC.items()
    )
    return (
        f"For each MMAC/s, annotated C of Descript codecs took WMOPS of {ratios} (3GPP S4-260158); "
        f"by that, {found} WMOPS here."
    )


def _broken(verdict: Verdict) -> str:
    return ", ".join(
        f"{c.id} {number(c.value)} over {number(c.limit)}"
        for c in verdict.checks
        if c.status == "fail"
        and isinstance(c.value, int | float)
        and isinstance(c.limit, int | float)
    )


def ignored_operations(audit: Audit) -> list[str]:
    """Return the operations that the convention ignores on purpose, with how many and why."""
    found: Counter[tuple[str, str]] = Counter()
    for row in audit.ledger.rows:
        fate, reason = fate_of(row, audit.convention)
        if fate == "ignored":
            found[row.op, reason] += 1
    return [f"{op} ({count}): {reason}" for (op, reason), count in sorted(found.items())]


def ignored_keys(ignored: Iterable[tuple[str, str]]) -> list[str]:
    """Return the keys of a recipe that were ignored on purpose, by reason."""
    found: dict[str, list[str]] = {}
    for field, reason in ignored:
        found.setdefault(reason, []).append(field)
    return [f"{reason}: {', '.join(fields)}" for reason, fields in found.items()]


def uncounted_operations(audit: Audit) -> list[str]:
    """Return the operations that the tool does not know, each with its reason."""
    fates = ((row, fate_of(row, audit.convention)) for row in audit.ledger.rows)
    return [f"{row.name}: {fate.reason}" for row, fate in fates if fate.fate == "uncounted"]
