from bot.model import Tool

TOOL = Tool("enhance", 1, dict, lambda source, settings: None)  # type: ignore[arg-type,return-value]
