"""Going on with a session: its photo and inversion in memory, the next edit, and the picture."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from weakref import ReferenceType

import numpy as np
import torch
from numpy.typing import NDArray

from photodrag.alignment import Face, FaceChoice, Photo, align
from photodrag.alignment.landmarks_again import shown_face
from photodrag.checkpoints import Generator, Latent, load_generator
from photodrag.checkpoints.tensor_files import decode_tensors, encode_tensors
from photodrag.device import choose_device
from photodrag.errors import ContentError, LatentError, SessionError
from photodrag.inversion import Inversion
from photodrag.inversion.delta import decode_inversion, encode_inversion

from ..composite.compositing import composite
from ..composite.painted_change import painted_change
from ..edit.edit_request import EditRequest
from ..edit.edit_run import EditRun
from ..edit.invert_run import InvertRun
from ..edit.placing import place_mask
from ..edit.start import crop_of_base, first_start
from ..edit.values import EditResult, Start
from ..guide.painted_face import RenderedFace, render_face
from ..guide.painting import paint
from ..request.face_drag import describe_drag
from ..request.masks import encode_mask, read_mask
from ..settings import EditSettings
from ..settings_json import with_edit_stages
from .folder import SessionFolder, make_folder, refer_to
from .session import SessionEdit, SessionState

_LATENT, _LANDMARKS = "latent", "landmarks"


def keep_session(
    folder: Path,
    photo: Path,
    run: InvertRun,
    base: Generator,
    settings: EditSettings | None = None,
) -> SessionFolder:
    """Make the folder of a session from a finished inversion of a photo's face.

    `base` is the generator before it was tuned; `settings` are those of the session's edits
    (None: those of the inversion).
    OutputError if the folder cannot be made.
    """
    assert run.inversion is not None, "the inversion is not finished"
    settings = settings or run.settings
    checkpoint = settings.checkpoint
    if Path(checkpoint).is_file():  # a name of the catalogue stays one
        checkpoint = str(Path(checkpoint).resolve())
    session = SessionState(
        refer_to(photo, run.photo.size, folder),
        run.face,
        replace(settings, checkpoint=checkpoint),
        base.fingerprint,
        inversion="",
    )
    return make_folder(folder, session, _encoded(run.inversion, base, photo.name))


def _encoded(inversion: Inversion, base: Generator, photo: str) -> bytes:
    return encode_inversion(inversion, base, {"photo": photo, "checkpoint": base.name})


class SessionWork:
    """An opened session: everything in memory that its next edit and its picture need.

    SessionError if a file of it is damaged, the photo has changed or is gone, or the checkpoint
    is not the one that it began with. A `photo` that is given is taken for the session's.
    """

    def __init__(
        self,
        folder: SessionFolder,
        device: str | torch.device = "auto",
        generator: Generator | None = None,
        photo: Photo | None = None,
    ):
        self.folder = folder
        session = folder.session
        self.photo = photo or folder.read_photo()
        if self.photo.size != session.photo.size:
            raise SessionError(
                f"{folder.photo_path}: the photo is read with {self.photo.size} pixels and the "
                f"session has {session.photo.size}"
            )
        base = (generator or load_generator(session.settings.checkpoint)).to(choose_device(device))
        self.generator = base
        if base.fingerprint != session.fingerprint:
            raise SessionError(
                f"{folder.folder}: the checkpoint {session.settings.checkpoint} is not the one "
                "that this session began with; put that one back, or begin a new session"
            )
        self._inversions: dict[str, Inversion] = {}
        _ = self.inversion  # now, so that a damaged one is refused before the work
        self.crop = align(self.photo, session.face, max(base.resolution, 256))
        self._latents: dict[str, Latent] = {}
        self._renderings: dict[str | None, RenderedFace] = {}
        self._whole_looks: dict[str, RenderedFace] = {}  # by the inversions' names
        self._made: tuple[tuple[object, ...], ReferenceType[Photo]] | None = None

    @property
    def session(self) -> SessionState:
        """The state."""
        return self.folder.session

    @property
    def inversion(self) -> Inversion:
        """The inversion that the next edit goes on from."""
        return self._inversion(self.session.current_inversion)

    def edit(self, request: EditRequest) -> EditRun:
        """The session's next edit: iterate over it, then `record` its result.

        Handles are places and landmarks of the photo as it now looks; a mask by name is of the
        face as it was in the beginning. Of the settings the `EDIT_STAGES` count; None: the
        session's. So is the face. An edit that shows the generator's own face tunes it first,
        where the session's depth is "auto" and nothing before has needed it.
        """
        session, base = self.session, self.generator
        settings = with_edit_stages(session.settings, request.settings)
        face = FaceChoice(session.face.index)
        start = self.start(place_mask(request, session.face, self.photo))
        request = replace(request, settings=settings, face=face)
        return EditRun(self.photo, request, device=base.device, generator=base, start=start)

    def start(self, mask: NDArray[np.bool_] | None = None) -> Start:
        """Where the next edit begins; `mask` is the next one's. See `continue_from`."""
        face, edits = self.session.face, self.session.current
        if not edits:
            start = first_start(self.photo, face, self.inversion)
            rendering = self._renderings.get(None)
            whole = self._whole_look()
            return replace(start, crop=self.crop, rendering=rendering, base_rendering=whole)
        last = edits[-1]
        latent, shown = self._latent(last), self.shown()
        kept = None if mask is None else encode_mask(mask)
        if last.mask == (None if kept is None else self.folder.name_of("mask", kept, "png")):
            base, base_latent = self._base(len(edits) - 1)
            start = Start(face, shown, base, self.inversion, latent, base_latent, last.all_drags)
            if base_latent is None:
                start = replace(start, base_rendering=self._whole_look())
        else:
            start = Start(face, shown, self.render(), self.inversion, latent, latent)
        return replace(start, crop=self.crop, rendering=self._renderings.get(last.file))

    def prepare(self) -> None:
        """Paint the face as it is now, so that the next edit's first step comes sooner."""
        edits, generator = self.session.current, self.inversion.generator
        latent = self._latent(edits[-1]) if edits else self.inversion.latent
        landmarks = self.crop.to_size(
            self.crop.to_crop(self.shown().landmarks), generator.resolution
        )
        self._renderings[edits[-1].file if edits else None] = render_face(
            generator, latent, landmarks
        )

    def shown(self, count: int | None = None) -> Face:
        """The face as the photo shows it after `count` edits; None: after all that count."""
        edits = self.session.current if count is None else self.session.edits[:count]
        return self.session.shown(self._landmarks(edits[-1])) if edits else self.session.face

    def record(self, result: EditResult) -> SessionState:
        """Keep a finished edit of `edit`; the new state. Inside the folder's `changing`."""
        own = result.points[: len(result.points) - len(result.adjusted)]
        drags = tuple(describe_drag(point, result.start.current_face) for point in own)
        landmarks = shown_face(result.photo, result.start.face).landmarks
        content = encode_tensors({_LATENT: result.dragged.w, _LANDMARKS: landmarks})
        file = self.folder.keep("edit", content, "safetensors")
        mask = None
        if result.mask is not None:
            mask = self.folder.keep("mask", encode_mask(result.mask), "png")
        edit = SessionEdit(
            EditRequest(
                drags,
                result.adjust,
                result.mask_names or mask,
                result.settings,
                self.session.face.index,
            ),
            result.points,
            result.reached,
            result.arrived,
            result.all_drags,
            file,
            mask,
            self._keep_inversion(result.inversion),
        )
        self._latents[file] = result.dragged
        self.folder.write(self.session.with_edit(edit))
        if result.start.base_latent is None and result.start.base_rendering is not None:
            self._whole_looks[self.session.current_inversion] = result.start.base_rendering
        self._made = (self.session.appearance(), ReferenceType(result.photo))
        return self.session

    def render(self, count: int | None = None) -> Photo:
        """The photo after the first `count` edits; None: after all that count.

        The last one that was made is not computed again while somebody has it.
        """
        appearance = self.session.appearance(count)
        known = self._made[1]() if self._made and self._made[0] == appearance else None
        if known is not None:
            return known
        edits = self.session.current if count is None else self.session.edits[:count]
        if not edits:
            return self.photo
        last = edits[-1]
        base, base_latent = self._base(len(edits) - 1)
        settings = last.request.settings or self.session.settings
        inversion = self._inversion(last.inversion or self.session.inversion)
        before = paint(inversion.generator, base_latent or inversion.latent)
        latent = self._latent(last)
        change = painted_change(inversion.generator, latent, before, last.all_drags)
        crop = crop_of_base(self.crop, self.session.face, base, base_latent)
        made = composite(base, crop, change, settings.composite, self.mask(last)).photo
        self._made = (appearance, ReferenceType(made))
        return made

    def mask(self, edit: SessionEdit) -> NDArray[np.bool_] | None:
        """The mask of an edit, (H, W), or None."""
        if edit.mask is None:
            return None
        self.folder.read(edit.mask)  # refuses a damaged one
        return read_mask(self.folder.folder / edit.mask, self.photo.size)

    def _base(self, index: int) -> tuple[Photo, Latent | None]:
        """The photo that an edit is put into, and the latent of what it shows."""
        first = self.session.segment(index)
        if first == 0:
            return self.photo, None
        return self.render(first), self._latent(self.session.edits[first - 1])

    def _inversion(self, name: str) -> Inversion:
        if name not in self._inversions:
            try:
                self._inversions[name] = decode_inversion(self.folder.read(name), self.generator)
            except LatentError as error:
                raise SessionError(f"{self.folder.folder}: {error}") from error
        return self._inversions[name]

    def _keep_inversion(self, inversion: Inversion) -> str | None:
        """The name of an edit's inversion, None for the session's first; a new one is kept."""
        name = next((name for name, one in self._inversions.items() if one is inversion), None)
        if name is None:
            content = _encoded(inversion, self.generator, self.folder.photo_path.name)
            name = self.folder.name_of("inversion", content, "safetensors")
            if name not in self.session.files:
                self.folder.keep("inversion", content, "safetensors")
            self._inversions[name] = inversion
        return None if name == self.session.inversion else name

    def _whole_look(self) -> RenderedFace | None:
        return self._whole_looks.get(self.session.current_inversion)

    def _latent(self, edit: SessionEdit) -> Latent:
        if edit.file not in self._latents:
            generator = self.inversion.generator
            w = self._tensors(edit)[_LATENT].to(generator.device)
            try:
                latent = Latent(w, generator.name)
                generator.check(latent)
            except LatentError as error:
                raise SessionError(f"{self.folder.folder / edit.file}: {error}") from error
            self._latents[edit.file] = latent
        return self._latents[edit.file]

    def _landmarks(self, edit: SessionEdit) -> NDArray[np.float64]:
        return np.asarray(self._tensors(edit)[_LANDMARKS].numpy(), np.float64)

    def _tensors(self, edit: SessionEdit) -> dict[str, torch.Tensor]:
        try:
            return decode_tensors(self.folder.read(edit.file), needed=[_LATENT, _LANDMARKS])
        except ContentError as error:
            raise SessionError(f"{self.folder.folder / edit.file}: {error}") from error
