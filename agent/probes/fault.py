"""The one exception that leaves a probe when the target, and not the instrument, failed.

It is made where the node's configuration is read too, so it lives there, and is spoken of here.
"""

from agent.host.fault import Fault

__all__ = ["Fault"]
