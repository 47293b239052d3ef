"""Stripe's API (https://docs.stripe.com/api) for the accounts, at /stripe over HTTP.

`answer` needs no server, so tests may call it. A fault's `method` is for example "POST refunds" or "GET charges"; its
`kind` is flood, error or drop.
"""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from aiohttp import web

from bot.playground.faults import Fault
from bot.playground.server import PLAYGROUND, NoAnswer, drop_connection
from bot.playground.stripe import KEY, Account, Accounts, Json

LARGEST = 99999999  # the largest amount of anything
MOST = 100  # objects a page
KEPT_SECONDS = 24 * 3600  # how long an answer is kept for its idempotency key

Answer = tuple[int, dict[str, str], bytes]
Params = Mapping[str, str]


class Refusal(Exception):
    """An error as https://docs.stripe.com/api/errors describes it."""

    def __init__(self, status: int, message: str, code: str = "", param: str = "", kind: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.body: Json = {"type": kind or "invalid_request_error", "message": message}
        if code:
            self.body |= {"code": code, "doc_url": f"https://stripe.com/docs/error-codes/{code.replace('_', '-')}"}
        if param:
            self.body["param"] = param


@dataclass(frozen=True)
class Collection:
    """Objects of one kind: where to find them, their noun in errors, and the parameters that filter lists."""

    of: Callable[[Account], dict[str, Json]]
    noun: str
    by: tuple[str, ...] = ("charge", "payment_intent")
    retrieved: bool = True
    listed: bool = True


COLLECTIONS = {
    "charges": Collection(lambda account: account.charges, "charge", ("customer", "payment_intent")),
    "payment_intents": Collection(lambda account: account.intents, "payment_intent", listed=False),
    "refunds": Collection(lambda account: account.refunds, "refund"),
    "disputes": Collection(lambda account: account.disputes, "dispute"),
    "radar/early_fraud_warnings": Collection(lambda account: account.warnings, "early fraud warning"),
}
_RANGE = ("created[gt]", "created[gte]", "created[lt]", "created[lte]")
_REFUND = ("charge", "payment_intent", "amount", "reason")


def answer(accounts: Accounts, method: str, path: str, params: Params, headers: Mapping[str, str]) -> Answer:
    """Answer a request to `path`, for example /v1/charges/ch_1. `params` are flat as in the form. Raises NoAnswer."""
    headers = {name.lower(): value for name, value in headers.items()}
    try:
        account = _account(accounts, headers.get("authorization", ""))
    except Refusal as refusal:
        return _refused(refusal)
    name, _, item = path.removeprefix("/v1/").partition("/")
    if name == "radar":
        part, _, item = item.partition("/")
        name = f"radar/{part}"
    call, key = f"{method.upper()} {name}", headers.get("idempotency-key", "") if method.upper() == "POST" else ""
    record: Json = {"call": call, "params": dict(params), "key": key, "status": None}
    account.requests.append(record)
    result = _with_faults(account, call, item, params, key)
    record["status"] = result[0]
    return result


def _account(accounts: Accounts, authorization: str) -> Account:
    key = authorization.removeprefix("Bearer ")
    named = KEY.fullmatch(key)
    if named is None:
        shown = f"{key[:11]}{'*' * (len(key) - 15)}{key[-4:]}" if len(key) > 15 else "*" * len(key)
        raise Refusal(401, f"Invalid API Key provided: {shown}" if key else "You did not provide an API key.")
    return accounts[named[1]]


def _with_faults(account: Account, call: str, item: str, params: Params, key: str) -> Answer:
    """Perform a call with its fault. A fault before the effect leaves no trace; other answers are kept by key."""
    if key and (known := account.answers.get(key)) and time.time() - known[0] < KEPT_SECONDS:
        return _repeated_answer(known, call, params, key)
    fault = account.faults.take(call)
    try:
        if fault and not fault.after:
            _apply_fault(fault)
        result = _perform(account, call, item, params)
    except Refusal as refusal:
        return _refused(refusal)
    no_answer_after: NoAnswer | None = None
    try:
        if fault:
            _apply_fault(fault)
    except Refusal as refusal:
        result = _refused(refusal)
    except NoAnswer as no_answer:
        no_answer_after = no_answer
    if key and result[0] != 429:
        account.answers[key] = (time.time(), call, dict(params), result)
    if no_answer_after:
        raise no_answer_after
    return result


def _repeated_answer(known: tuple[float, str, Json, Answer], call: str, params: Params, key: str) -> Answer:
    _, first_call, first_params, (status, headers, body) = known
    if (first_call, first_params) != (call, dict(params)):
        sentence = (
            "Keys for idempotent requests can only be used with the same parameters they were first used with. "
            f"Try using a key other than '{key}' if you meant to execute a different request."
        )
        return _refused(Refusal(400, sentence, kind="idempotency_error"))
    return status, headers | {"Idempotent-Replayed": "true"}, body


def _apply_fault(fault: Fault) -> None:
    if fault.kind == "flood":
        raise Refusal(429, "Too many requests hit the API too quickly.", "rate_limit")
    if fault.kind == "error":
        raise Refusal(fault.code, fault.text, kind="api_error")
    raise NoAnswer(0)


def _perform(account: Account, call: str, item: str, params: Params) -> Answer:
    """Perform a call. A refusal because of the account's state, not of the parameters, is an answer like any other."""
    method, _, name = call.partition(" ")
    collection = COLLECTIONS.get(name)
    if call == "POST refunds" and not item:
        _check(params, _REFUND, free=("metadata[", "expand["))
        try:
            return _json(200, _refund(account, params))
        except Refusal as refusal:
            return _refused(refusal)
    if collection and method == "GET" and item and collection.retrieved:
        _check(params, (), free=("expand[",))
        return _json(200, _require(collection, account, item, "id"))
    if collection and method == "GET" and not item and collection.listed:
        _check(params, (*collection.by, *_RANGE, "limit", "starting_after"), free=("expand[",))
        return _json(200, _page(collection, account, f"/v1/{name}", params))
    raise Refusal(404, f"Unrecognized request URL ({method}: /v1/{name}).")


def _check(params: Params, known: tuple[str, ...], free: tuple[str, ...]) -> None:
    for name in params:
        if name not in known and not name.startswith(free):
            raise Refusal(400, f"Received unknown parameter: {name}", "parameter_unknown", name)


def _require(collection: Collection, account: Account, item: str, param: str) -> Json:
    found = collection.of(account).get(item)
    if found is None:
        raise Refusal(404, f"No such {collection.noun}: '{item}'", "resource_missing", param)
    return found


def _page(collection: Collection, account: Account, url: str, params: Params) -> Json:
    """A page of the list, newest first."""
    found = sorted(collection.of(account).values(), key=lambda each: each["created"])[::-1]
    for name in collection.by:
        found = [each for each in found if name not in params or each[name] == params[name]]
    ranges: dict[str, Callable[[int, int], bool]] = {
        "created[gt]": int.__gt__,
        "created[gte]": int.__ge__,
        "created[lt]": int.__lt__,
        "created[lte]": int.__le__,
    }
    for name, holds in ranges.items():
        found = [each for each in found if name not in params or holds(each["created"], _number(params, name, 0))]
    if "starting_after" in params:
        last = _require(collection, account, params["starting_after"], "starting_after")
        found = found[found.index(last) + 1 :]
    limit = _number(params, "limit") if "limit" in params else 10
    if limit > MOST:
        raise Refusal(400, f"Invalid integer: {limit}", "parameter_invalid_integer", "limit")
    return {"object": "list", "data": found[:limit], "has_more": len(found) > limit, "url": url}


def _number(params: Params, name: str, least: int = 1) -> int:
    text = params[name]
    if not (text.isascii() and text.isdigit() and int(text) >= least):
        raise Refusal(400, "Invalid positive integer", "parameter_invalid_integer", name)
    return int(text)


def _refund(account: Account, params: Params) -> Json:
    if "amount" in params and _number(params, "amount") > LARGEST:
        raise Refusal(400, "Amount must be no more than €999,999.99", "amount_too_large", "amount")
    charge = _to_refund(account, params)
    left = charge["amount"] - charge["amount_refunded"]
    if left <= 0:
        raise Refusal(400, f"Charge {charge['id']} has already been refunded.", "charge_already_refunded")
    disputes = [each for each in account.disputes.values() if each["charge"] == charge["id"]]
    if disputes and not disputes[-1]["is_charge_refundable"]:
        sentence = f"Charge {charge['id']} has been charged back; cannot issue a refund."
        raise Refusal(400, sentence, "charge_disputed")
    amount = _number(params, "amount") if "amount" in params else left
    if amount > left:
        sentence = (
            f"Refund amount (€{amount / 100:.2f}) is greater than unrefunded amount on charge (€{left / 100:.2f})"
        )
        raise Refusal(400, sentence, param="amount")
    refund = account.refund(charge, amount, params.get("reason"))
    refund["metadata"] = {name[9:-1]: value for name, value in params.items() if name.startswith("metadata[")}
    return refund


def _to_refund(account: Account, params: Params) -> Json:
    if "payment_intent" in params:
        intent = _require(COLLECTIONS["payment_intents"], account, params["payment_intent"], "payment_intent")
        charge = account.charges[intent["latest_charge"]]
    elif "charge" in params:
        charge = _require(COLLECTIONS["charges"], account, params["charge"], "id")
    else:
        raise Refusal(400, "One of the following params should be provided: payment_intent or charge.")
    if not charge["paid"]:
        raise Refusal(400, f"Charge {charge['id']} was not successful; cannot issue a refund.")
    return charge


def _json(status: int, body: Json) -> Answer:
    return status, {"Content-Type": "application/json"}, json.dumps(body, indent=2).encode()


def _refused(refusal: Refusal) -> Answer:
    return _json(refusal.status, {"error": refusal.body})


async def _over_http(request: web.Request) -> web.Response:
    form = {name: value for name, value in (await request.post()).items() if isinstance(value, str)}
    accounts = request.app[PLAYGROUND].stripe
    try:
        path = f"/{request.match_info['path']}"
        status, headers, body = answer(accounts, request.method, path, {**request.query, **form}, request.headers)
        return web.Response(status=status, headers=headers, body=body)
    except NoAnswer as no_answer:
        await drop_connection(request, no_answer)


def add_routes(app: web.Application) -> None:
    app.router.add_route("*", "/stripe/{path:.+}", _over_http)
