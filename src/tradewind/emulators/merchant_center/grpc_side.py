"""The gRPC surface, as the official clients use it by default."""

from collections import defaultdict
from collections.abc import Awaitable, Callable
from typing import Any

import grpc
from google.protobuf import empty_pb2

from tradewind.emulators.merchant_center.answering import Dropped, answer
from tradewind.emulators.merchant_center.center import Center
from tradewind.emulators.merchant_center.errors import Refused
from tradewind.emulators.merchant_center.wire import Method, methods, service_name

DETAILS = "grpc-status-details-bin"
MAX_MESSAGE = 64 * 1024 * 1024

Behavior = Callable[[Any, grpc.aio.ServicerContext[Any, Any]], Awaitable[Any]]


def grpc_server(center: Center) -> grpc.aio.Server:
    """A server with every method; add a port and start it."""
    server = grpc.aio.server(options=[("grpc.max_receive_message_length", MAX_MESSAGE), ("grpc.so_reuseport", 0)])
    services: dict[str, dict[str, grpc.RpcMethodHandler[Any, Any]]] = defaultdict(dict)
    for method in methods():
        services[service_name(method)][method.name] = grpc.unary_unary_rpc_method_handler(
            _behavior(center, method), request_deserializer=method.request.deserialize, response_serializer=_serializer(method)
        )
    handlers = [grpc.method_handlers_generic_handler(name, found) for name, found in services.items()]
    server.add_generic_rpc_handlers(handlers)
    return server


def _behavior(center: Center, method: Method) -> Behavior:
    async def behave(request: Any, context: grpc.aio.ServicerContext[Any, Any]) -> Any:
        try:
            return await answer(center, method, request)
        except Refused as refused:
            return await _abort(context, refused)
        except Dropped:
            return await context.abort(grpc.StatusCode.UNAVAILABLE, "Socket closed")

    return behave


async def _abort(context: grpc.aio.ServicerContext[Any, Any], refused: Refused) -> Any:
    details = refused.to_proto().SerializeToString()
    return await context.abort(refused.grpc_code, refused.message, trailing_metadata=((DETAILS, details),))


def _serializer(method: Method) -> Callable[[Any], bytes]:
    if method.response is empty_pb2.Empty:
        return lambda message: bytes(message.SerializeToString())
    return lambda message: bytes(method.response.serialize(message))
