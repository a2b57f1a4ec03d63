"""A Merchant Center to develop and test against: the official clients talk to it unchanged, over gRPC and over REST.

It keeps what it is sent in memory, merges supplemental data, judges items by country and day, expires them, meters calls, sends
notifications and can be told to fail. What Google alone knows (policy review, crawling, ranking) it does not pretend to know.
"""

from tradewind.emulators.merchant_center.center import Center
from tradewind.emulators.merchant_center.errors import EmulatorIsMisused
from tradewind.emulators.merchant_center.faults import Fault, FaultKind
from tradewind.emulators.merchant_center.model import CenterConfig
from tradewind.emulators.merchant_center.serving import RunningCenter, run_center

__all__ = ["Center", "CenterConfig", "EmulatorIsMisused", "Fault", "FaultKind", "RunningCenter", "run_center"]
