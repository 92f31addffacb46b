"Audio encoders, pretrained and probed in notebooks. The names below are imported when first used: see `bat_nb.front`."
__version__ = "0.1.0"

from .front import FRONT, front_door as __getattr__

def __dir__(): return sorted({*globals(), *FRONT})
