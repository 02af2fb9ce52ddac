"""What the page says of a job."""

from __future__ import annotations

import re

from .controller import Controller
from .draft import DraftPoint, Place
from .job_control import Work

_LONG = re.compile(r"(\d+\.\d)\d+")
_WAY = re.compile(r"→ ([+-]\d+(?:\.\d+)?)%,([+-]\d+(?:\.\d+)?)%")
ARRIVED = 1.5  # photo pixels from the target
_STAGES = {
    "open": "Opening the photo",
    "faces": "Looking for faces",
    "load": "Loading the generator",
    "cached": "Taking the face from the cache",
    "pivot": "Finding the face",
    "w+": "Finding the face",
    "tune": "Learning the face",
    "guide": "Moving the face",
    "drag": "Moving the face",
    "composite": "Putting the change into the photo",
    "record": "Keeping the change",
    "render": "Painting the photo",
    "write": "Writing the file",
}
_JOBS = {
    "open": "Opening the photo",
    "invert": "Learning the face",
    "edit": "Moving the face",
    "undo": "Undoing",
    "redo": "Redoing",
    "reset": "Back to the photo",
    "session": "Opening the session",
    "recipe": "Doing the recipe",
    "save": "Writing the file",
}
_COMING = {
    "run": "Runs as soon as the face is ready",
    "recipe": "The recipe is done as soon as the face is ready",
}


def privacy_words(address: str) -> str:
    """Where a photo goes that a browser at this address opens."""
    if address in ("127.0.0.1", "::1"):
        return "It stays on your computer: nothing is sent anywhere."
    return "It goes to the computer where the studio runs, not encrypted, and nowhere else."


def work_words(controller: Controller, work: Work) -> tuple[str, str]:
    """What is being done, and how far it is or what a person can do meanwhile."""
    stage, detail = stage_words(work), detail_words(work)
    if not controller.begins or work.state == "stopping":
        return stage, detail
    comes = _COMING.get(controller.waits or "")
    if work.state == "working":
        stage = comes or "Getting the face ready"
    elif comes:
        detail = comes
    if any(point.target is None for point in controller.draft.points):
        detail = "Now click where it should go."
    elif controller.draft.is_empty and comes is None:
        detail = "You can already drag on the face."
    return stage, detail


def stage_words(work: Work) -> str:
    """What is being done, as a person would say it."""
    if work.state == "stopping":
        return "Stopping"
    if work.state in ("pausing", "paused"):
        return work.state.capitalize()
    if work.state == "waiting" and work.place > 0:
        return "Next in line" if work.place == 1 else f"Number {work.place} in line"
    if work.progress is None:
        return _JOBS.get(work.ticket.job, "Working")
    if work.ticket.job == "edit" and work.progress.stage == "cached":
        return "Getting ready"
    words = _STAGES.get(work.progress.stage, _JOBS.get(work.ticket.job, "Working"))
    purpose = work.progress.purpose
    return words if purpose is None else f"{words}, for {purpose}"


def detail_words(work: Work) -> str:
    """How far it is: steps, what is left to go, seconds; empty where that is not known."""
    progress = work.progress
    if progress is None or work.state in ("stopping", "waiting"):
        return ""
    parts = []
    if progress.total > 1:
        parts.append(f"step {progress.index} of {progress.total}")
    if progress.distances:
        parts.append(f"{max(progress.distances):.0f} px to go")
    if progress.remaining is not None and progress.remaining >= 1:
        parts.append(f"about {_duration(progress.remaining)} left")
    return " · ".join(parts)


def rest_words(controller: Controller) -> str:
    """What a person can do next, while nothing is being done."""
    state = controller.workspace.state
    if state.photo is None:
        return "Open a photo to begin."
    if not state.faces:
        return "No face was found. Open another photo."
    if state.face is None:
        return "Choose a face." if len(state.faces) > 1 else "Choose the face to begin."
    return _draft_words(controller)


def _draft_words(controller: Controller) -> str:
    state, draft = controller.workspace.state, controller.draft
    if any(point.target is None for point in draft.points):
        return "Now click where it should go."
    if draft.is_empty:
        return "Drag from a place on the face to where it should go."
    if not controller.is_done:
        return "Ready to run."
    edit = state.edits[state.position - 1]
    far = max((end.distance for end in edit.points), default=0.0)
    if far >= ARRIVED:
        return f"Done: {far:.0f} px short of the target."
    if edit.arrived or not draft.adjust:
        return "Done."
    return "Done, but not all the way." + (" The mask may be too small." if edit.mask else "")


def distance_words(controller: Controller) -> list[str]:
    """For each point of the draft: which way it shall go, then how far it still has to."""
    known: dict[int, float] = {}
    whole = [point.number for point in controller.draft.whole_points]
    state = controller.workspace.state
    if controller.work is not None and controller.work.progress is not None:
        known = dict(zip(whole, controller.work.progress.distances, strict=False))
    elif controller.is_done:
        ends = state.edits[state.position - 1].points
        known = dict(zip(whole, (end.distance for end in ends), strict=False))
    words = []
    for point in controller.draft.points:
        if point.target is None:
            words.append("click where it should go")
            continue
        far = known.get(point.number)
        if far is None:
            words.append(_way_words(point.handle, point.target))
        else:
            words.append("arrived" if far < ARRIVED else f"{far:.0f} px to go")
    return words


_LABELS = {
    "eye_left_open": "Left eye open",
    "eye_right_open": "Right eye open",
    "gaze_x": "Gaze sideways",
    "gaze_y": "Gaze up",
    "brows_frown": "Frown",
    "hair_kept": "Face without hair",
}


def label_words(name: str) -> str:
    """An adjustment's or a mask's name as a label."""
    return _LABELS.get(name) or name.replace("_", " ").capitalize()


def place_words(point: DraftPoint) -> str:
    """Where a point is."""
    name = point.landmark
    if name is None:
        return f"{point.handle[0]:.0f}, {point.handle[1]:.0f}"
    return f"Landmark {name}" if name.isdigit() else name.replace("_", " ").capitalize()


def _way_words(handle: Place, target: Place) -> str:
    across, down = (round(b - a) for a, b in zip(handle, target, strict=True))
    ways = [f"{abs(across)} px {'right' if across > 0 else 'left'}"] if across else []
    ways += [f"{abs(down)} px {'down' if down > 0 else 'up'}"] if down else []
    return ", ".join(ways) or "less than a pixel"


def change_words(text: str) -> str:
    """An edit's own text, easier on the eye."""
    text = _LONG.sub(r"\1", text).replace("->", " → ").replace("_", " ")
    return _WAY.sub(lambda found: f"→ {_side(found[1], 'left', 'right')}, {_side(found[2])}", text)


def _side(share: str, less: str = "up", more: str = "down") -> str:
    """'-15.2' => '15.2% left'."""
    return f"{share.lstrip('+-')}% {less if share.startswith('-') else more}"


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min"
