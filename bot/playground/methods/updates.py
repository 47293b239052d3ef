"""Getting updates, and the bot itself."""

import re

from bot.playground.addresses import why_not
from bot.playground.world import ApiError, Json, World

__all__ = ["close", "delete_webhook", "get_me", "get_updates", "get_webhook_info", "log_out", "set_webhook"]

POLL_LIMIT_SECONDS = 50
SECRET = re.compile(r"[\w-]{0,256}", re.ASCII)


async def get_me(world: World) -> Json:
    return world.bot | {
        "can_join_groups": True,
        "can_read_all_group_messages": False,
        "supports_inline_queries": False,
        "can_connect_to_business": False,
        "has_main_web_app": False,
    }


async def log_out(world: World) -> bool:
    return True


async def close(world: World) -> bool:
    return True


async def get_updates(
    world: World, offset: int = 0, limit: int = 100, timeout: int = 0, allowed_updates: list[str] | None = None
) -> list[Json]:
    if world.webhook.url:
        raise ApiError(
            "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first", 409
        )
    if allowed_updates is not None:
        world.inbox.allowed = set(allowed_updates)
    world.inbox.confirm(offset)
    updates = await world.inbox.poll(min(max(limit, 1), 100), min(timeout, POLL_LIMIT_SECONDS))
    if updates is None:
        raise ApiError("terminated by other getUpdates request; make sure that only one bot instance is running", 409)
    return updates


async def set_webhook(
    world: World,
    url: str,
    max_connections: int = 40,
    allowed_updates: list[str] | None = None,
    drop_pending_updates: bool = False,
    secret_token: str = "",
) -> bool:
    if not url:
        return await delete_webhook(world, drop_pending_updates)
    if not 1 <= max_connections <= 100:
        raise ApiError("max_connections must be in range 1-100")
    if not SECRET.fullmatch(secret_token):
        raise ApiError("secret token contains unallowed characters")
    if reason := why_not(url, world.bot_ports):
        raise ApiError(f"bad webhook: {reason}")
    if drop_pending_updates:
        world.inbox.drop()
    if allowed_updates is not None:
        world.inbox.allowed = set(allowed_updates)
    await world.webhook.start(url, secret_token)
    return True


async def delete_webhook(world: World, drop_pending_updates: bool = False) -> bool:
    await world.webhook.stop()
    if drop_pending_updates:
        world.inbox.drop()
    return True


async def get_webhook_info(world: World) -> Json:
    info: Json = {
        "url": world.webhook.url,
        "has_custom_certificate": False,
        "pending_update_count": len(world.inbox.pending),
    }
    if world.webhook.url:
        info |= {"max_connections": 40, "ip_address": "127.0.0.1"} | world.webhook.info
    if world.inbox.allowed:
        info["allowed_updates"] = sorted(world.inbox.allowed)
    return info
