"""Every error that photodrag raises on purpose, in one tree; imports nothing.

A message says what was wrong, the value seen, and what to try. The command line prints any of
these as one line and exits with code 1.
"""


class PhotodragError(Exception):
    """The base of every error raised on purpose."""


class SettingsError(PhotodragError):
    """A setting is outside its allowed values."""


class DeviceError(PhotodragError):
    """The device asked for is not there."""


class OutputError(PhotodragError):
    """A result cannot be written where it was asked for."""


class ContentError(PhotodragError):
    """Stored values are not what they should be: cut short, of another format, of a wrong kind.

    What reads them turns it into its own error, which names the file.
    """


class ForeignContentError(ContentError):
    """Stored values are whole, and not photodrag's."""


class PhotoError(PhotodragError):
    """A photo cannot be read."""


class PhotoTooLargeError(PhotoError):
    """A photo has more pixels than allowed."""


class PhotoWarning(UserWarning):
    """A part of a photo's file cannot be used; the photo itself can."""


class CacheWarning(UserWarning):
    """Something cannot be kept in the cache or taken from it; the work itself goes on."""


class FaceError(PhotodragError):
    """The base of errors about faces in a photo."""


class NoFaceError(FaceError):
    """No face was found in a photo."""


class FaceNumberError(FaceError):
    """A face was asked for by a number that no face has."""


class LandmarkError(FaceError):
    """A landmark was asked for by a name that no landmark has."""


class FaceModelError(FaceError):
    """The files of the face detector's networks are missing."""


class PointError(PhotodragError):
    """A drag point cannot be used: off the photo, not moved, or not readable."""


class MaskError(PhotodragError):
    """A mask cannot be used: unreadable or of another size than the photo."""


class RecipeError(PhotodragError):
    """A recipe cannot be read, or asks for what this version does not know."""


class SessionError(PhotodragError):
    """A session cannot be read or continued; its files are left as they are."""


class SessionBusyError(SessionError):
    """Another process is working with the session."""


class StudioError(PhotodragError):
    """A page asked for what cannot be done now: there is no photo, no face, or another job."""


class BatchError(PhotodragError):
    """A batch cannot begin: its list of photos or its folder cannot be used."""


class LatentError(PhotodragError):
    """A latent does not fit the generator, or its file cannot be read."""


class CheckpointError(PhotodragError):
    """A checkpoint cannot be found or read."""


class UnknownCheckpointError(CheckpointError):
    """A checkpoint is neither in the catalogue nor a file."""


class UnsafePickleError(CheckpointError):
    """A pickle asks for something that a network file never needs; nothing of it was run."""


class ChecksumError(CheckpointError):
    """A downloaded file is not the one the catalogue names."""


class DownloadError(CheckpointError):
    """A file could not be downloaded."""


class PerceptualWeightsError(CheckpointError):
    """The weights of a perceptual distance are missing or damaged."""
