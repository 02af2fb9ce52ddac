from .catalogue import (
    CATALOGUE as CATALOGUE,
)
from .catalogue import (
    DEFAULT_CHECKPOINT as DEFAULT_CHECKPOINT,
)
from .catalogue import (
    CheckpointSpec as CheckpointSpec,
)
from .catalogue import (
    find_spec as find_spec,
)
from .convert.conversion import convert_checkpoint as convert_checkpoint
from .fetching import FetchRun as FetchRun
from .fetching import fetch as fetch
from .fetching import locate as locate
from .generator import Generator as Generator
from .generator import build_generator as build_generator
from .latent import Latent as Latent
from .loading import (
    generator_from_tensors as generator_from_tensors,
)
from .loading import (
    load_generator as load_generator,
)
from .networks.config import (
    GeneratorConfig as GeneratorConfig,
)
from .networks.config import (
    MobileStyleGANConfig as MobileStyleGANConfig,
)
from .networks.config import (
    StyleGAN2Config as StyleGAN2Config,
)
from .networks.statistics import WStatistics as WStatistics
from .networks.windows import Window as Window
from .networks.windows import WindowMaps as WindowMaps
from .store import read_checkpoint as read_checkpoint
from .store import save_checkpoint as save_checkpoint
