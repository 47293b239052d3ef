"""The shelf: every tool, in menu order. A new tool is one file here and one line below."""

from bot.model import Tool
from bot.tools import clean, cutout, enhance, resize

SHELF: dict[str, Tool] = {tool.slug: tool for tool in (clean.TOOL, resize.TOOL, enhance.TOOL, cutout.TOOL)}
