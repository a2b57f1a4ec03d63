"""How the emulator refuses: as Google does, with a status, a stable reason and metadata; and how it says that it is misused."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import grpc
from google.rpc import code_pb2, error_details_pb2, status_pb2

from tradewind.kit import TradewindError

DOMAIN = "merchantapi.googleapis.com"
_HTTP_STATUS = {
    "INVALID_ARGUMENT": 400,
    "FAILED_PRECONDITION": 400,
    "UNAUTHENTICATED": 401,
    "PERMISSION_DENIED": 403,
    "NOT_FOUND": 404,
    "ALREADY_EXISTS": 409,
    "ABORTED": 409,
    "RESOURCE_EXHAUSTED": 429,
    "INTERNAL": 500,
    "UNIMPLEMENTED": 501,
    "UNAVAILABLE": 503,
    "DEADLINE_EXCEEDED": 504,
}


class EmulatorIsMisused(TradewindError):
    """The emulator was started with, or told, something that makes no sense."""

    code = "emulator_misused"
    http_status = 400


class Refused(Exception):
    """A call ends with a google.rpc status: `status` is a name of grpc.StatusCode, `reason` the stable id in ErrorInfo."""

    def __init__(self, status: str, message: str, reason: str, metadata: Mapping[str, str] = MappingProxyType({})) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.reason = reason
        self.metadata = dict(metadata)

    @property
    def http_status(self) -> int:
        """The HTTP status that Google's REST surface uses for it."""
        return _HTTP_STATUS[self.status]

    @property
    def grpc_code(self) -> grpc.StatusCode:
        return grpc.StatusCode[self.status]

    def to_proto(self) -> status_pb2.Status:
        """The google.rpc.Status with one ErrorInfo, as the clients unpack it."""
        info = error_details_pb2.ErrorInfo(reason=self.reason, domain=DOMAIN, metadata={"REASON": self.reason, **self.metadata})
        found = status_pb2.Status(code=code_pb2.Code.Value(self.status), message=self.message)
        found.details.add().Pack(info)
        return found


def not_found(name: str) -> Refused:
    """The answer for a resource that is not there."""
    return Refused("NOT_FOUND", f"{name} was not found", "not_found", {"FIELD_LOCATION": "name", "FIELD_VALUE": name})


def invalid(field: str, value: object, why: str) -> Refused:
    """The answer for a field whose value cannot stand."""
    return Refused("INVALID_ARGUMENT", f"[{field}] {why}: {value!r}", "invalid", {"FIELD_LOCATION": field, "FIELD_VALUE": str(value)})


def raw(message: Any) -> Any:
    """The protobuf message inside a message of the client library."""
    return type(message).pb(message)
