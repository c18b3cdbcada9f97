"""The public page of the timeline's log, and what one needs to check it without us."""

from importlib.resources import files

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from tongdian.case.queries import event_by_hash, receipt_proof
from tongdian.case.queries.log import LogState, checkpoint_of, log_state
from tongdian.case.queries.timeline import NotFounded
from tongdian.case.queries.tree import consistency, latest_checkpoint, with_cosignatures
from tongdian.people.access import requires
from tongdian.ui.components import Figure

TEXT = "text/plain; charset=utf-8"


@requires("public")
@require_safe
def log(request: HttpRequest) -> HttpResponse:
    """Show the latest checkpoints, who witnessed them, and how to verify."""
    try:
        state = log_state()
    except NotFounded:
        return render(request, "case/log/log.html", {"state": None})
    context = {"genesis": bytes(state.installation.genesis_hash).hex(), "figures": _figures(state)}
    return render(request, "case/log/log.html", {"state": state} | context | _asked(request.GET.get("hash", "")))


@requires("public")
@require_safe
def latest(request: HttpRequest) -> HttpResponse:
    """Give the latest checkpoint's signed text with its cosignatures."""
    checkpoint = latest_checkpoint()
    if checkpoint is None:
        raise Http404
    return _download(with_cosignatures(checkpoint), name=f"checkpoint-{checkpoint.size}.txt")


@requires("public")
@require_safe
def checkpoint(request: HttpRequest, size: int) -> HttpResponse:
    """Give the checkpoint of a size."""
    found = checkpoint_of(size)
    if found is None:
        raise Http404
    return _download(with_cosignatures(found), name=f"checkpoint-{size}.txt")


@requires("public")
@require_safe
def consistency_proof(request: HttpRequest, old_size: int, size: int) -> HttpResponse:
    """Give the proof that one published checkpoint continues another."""
    if old_size > size or checkpoint_of(old_size) is None or checkpoint_of(size) is None:
        raise Http404
    proof = [step.hex() for step in consistency(old_size, size)]
    return JsonResponse({"format": "tongdian-consistency-1", "old_size": old_size, "size": size, "proof": proof})


@requires("public")
@require_safe
def receipt(request: HttpRequest, digest: str) -> HttpResponse:
    """Give the inclusion proof of an event to whoever holds its hash."""
    event = event_by_hash(digest)
    proof = receipt_proof(event) if event else None
    if proof is None:
        raise Http404
    return JsonResponse(proof.as_mapping())


@requires("public")
@require_safe
def verifier(request: HttpRequest) -> HttpResponse:
    """Give the one-file verifier."""
    source = files("tongdian.case.timeline").joinpath("verifier.py").read_text(encoding="utf-8")
    return _download(source, name="tongdian-verifier.py", kind="text/x-python; charset=utf-8")


def _asked(digest: str) -> dict[str, object]:
    """What can be said about the event hash somebody typed in: unknown, waiting, or sealed with a receipt to take."""
    digest = digest.strip().lower()
    event = event_by_hash(digest) if digest else None
    return {"asked": digest, "event": event, "proof": receipt_proof(event) if event else None}


def _figures(state: LogState) -> list[Figure]:
    latest = state.latest
    figures = [
        Figure(f"{latest.size if latest else 0:,}", _("已封存事件"), _("条")),
        Figure(f"{state.waiting:,}", _("等待下一次封存"), _("条")),
    ]
    if latest:
        figures.append(Figure(str(len(latest.cosigned_by)), _("最新检查点的外部见证"), _("方")))
    return figures


def _download(text: str, *, name: str, kind: str = TEXT) -> HttpResponse:
    return HttpResponse(text, content_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})


urlpatterns = [
    path("", log, name="timeline_log"),
    path("checkpoint.txt", latest, name="timeline_latest"),
    path("<int:size>/checkpoint.txt", checkpoint, name="timeline_checkpoint"),
    path("<int:old_size>-<int:size>/consistency.json", consistency_proof, name="timeline_consistency"),
    path("<str:digest>/receipt.json", receipt, name="timeline_receipt"),
    path("verifier.py", verifier, name="timeline_verifier"),
]
