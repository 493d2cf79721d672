"""Utilization of the GPU, from the driver's own library (NVML), which is installed with the driver: no package needed."""

import ctypes

LIBRARY = "libnvidia-ml.so.1"


class Utilization(ctypes.Structure):
    _fields_ = [("gpu", ctypes.c_uint), ("memory", ctypes.c_uint)]


class GpuUse:
    """
    Percent of time in which the GPU computed, averaged over the samples since the last read; each covers a sixth of a
    second to a second. None where it cannot be known: no driver library, another maker, a slice of a GPU (MIG). A sample
    takes microseconds.
    """

    def __init__(self, uuid, library=LIBRARY):
        self.total = self.samples = 0
        self.handle = ctypes.c_void_p()
        try:
            self.nvml = ctypes.CDLL(library)
            wanted = ctypes.c_char_p(f"GPU-{uuid}".encode())
            if self.nvml.nvmlInit_v2() or self.nvml.nvmlDeviceGetHandleByUUID(wanted, ctypes.byref(self.handle)):
                self.nvml = None
        except (OSError, AttributeError):
            self.nvml = None

    def sample(self):
        if self.nvml is None:
            return
        now = Utilization()
        if self.nvml.nvmlDeviceGetUtilizationRates(self.handle, ctypes.byref(now)) == 0 and now.gpu <= 100:
            self.total += now.gpu
            self.samples += 1

    def take(self):
        """The average since the last answer; None without a sample."""
        average = round(self.total / self.samples) if self.samples else None
        self.total = self.samples = 0
        return average


def own_gpu_use(device):
    """Opens the meter of the GPU that this process trains on, a torch.device; None where there is none."""
    import torch

    if device.type != "cuda":
        return None
    return GpuUse(getattr(torch.cuda.get_device_properties(device), "uuid", ""))
