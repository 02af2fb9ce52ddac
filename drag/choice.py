"""The parts of a drag by the names that settings have."""

from __future__ import annotations

from .interfaces import Parts, Supervision, Task, Tracker
from .methods.free import FreeSupervision, LineSearch
from .methods.official import OfficialSupervision
from .methods.template import TemplateSupervision
from .settings import METHODS
from .tracking.features import NoTracker, PatchTracker, VectorTracker


def choose_parts(task: Task) -> Parts:
    """The supervision and the tracker that the settings name; new ones, for one drag.

    CheckpointError if the tracker needs weights that are not here.
    """
    method = task.settings.method
    if method == "free":
        search = LineSearch(task)
        return Parts(FreeSupervision(task, search), search)
    supervision: Supervision
    supervision = OfficialSupervision(task) if method == "official" else TemplateSupervision(task)
    return Parts(supervision, _tracker(task.settings.tracking or METHODS[method], task))


def _tracker(name: str | None, task: Task) -> Tracker:
    if name == "patch":
        return PatchTracker(task)
    if name == "vector":
        return VectorTracker(task)
    if name == "none":
        return NoTracker(task)
    # Here, so that others need not load OpenCV.
    from .tracking.flow import DenseInverseSearch, Flow, FlowTracker, LucasKanade  # noqa: PLC0415

    flow: Flow
    if name == "lucas-kanade":
        flow = LucasKanade()
    elif name == "dis":
        flow = DenseInverseSearch()
    else:
        assert name == "raft"
        from .tracking.raft import Raft  # noqa: PLC0415

        flow = Raft(task.generator.device)
    return FlowTracker(task, flow)
