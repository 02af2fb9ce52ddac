from .errors import PhotodragError as PhotodragError
