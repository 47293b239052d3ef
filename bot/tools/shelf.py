"""The shelf: every tool, in menu order. A new tool is one file here and one line below."""

from bot.domain.values import Tool
from bot.tools import clean, cutout, enhance, print_proof, prints, resize

SHELF: dict[str, Tool] = {tool.slug: tool for tool in (clean.TOOL, resize.TOOL, enhance.TOOL, cutout.TOOL)}

# What the jail knows how to do: the shelf, and what no menu offers.
ALL_TOOLS: dict[str, Tool] = SHELF | {tool.slug: tool for tool in (print_proof.LOOK, prints.TOOL, prints.SEAL)}
