"""What Python did not find inside the lock, by number: names do not leave the jail, for they could be a photo's."""

import re
import sys
from encodings.aliases import aliases

from bot.domain.errors import Failed, Reason

_LIBRARIES = ("PIL", "bot", "cv2", "numpy", "onnxruntime", "pillow_heif", "pyrage", "simplejpeg")
_NAMES = ("something", *sorted({*sys.stdlib_module_names, *aliases, *aliases.values(), *_LIBRARIES}))


def failed(error: ImportError | LookupError) -> Failed:
    """For the child: which module or codec was to be loaded, and could not."""
    if isinstance(error, ImportError):
        reason, name = Reason.MODULE_MISSING, (error.name or "").partition(".")[0]
    else:
        reason, name = Reason.CODEC_MISSING, str(error).rpartition(" ")[2]
    name = re.sub(r"[ -]", "_", name)
    return Failed(reason, _NAMES.index(name) if name in _NAMES else 0)


def name_of(error: Failed) -> str:
    """For the operators; empty for an error of another kind."""
    if error.reason not in {Reason.MODULE_MISSING, Reason.CODEC_MISSING}:
        return ""
    return _NAMES[error.detail] if 0 <= error.detail < len(_NAMES) else _NAMES[0]
