"""Imports onnxruntime so that it reports to nobody; whoever needs it imports this module first.

Since 1.29 the published Linux builds send what runs (models, devices, durations) to their maker and keep a device id in
the user's cache. The only switch that stops all of it is this variable, and it counts only before the first import
(onnxruntime's Privacy.md, "Disabling Telemetry"). A shop that hosts itself reports to nobody.
"""

import os

os.environ["ORT_DISABLE_TELEMETRY"] = "1"

import onnxruntime

__all__ = ["onnxruntime"]
