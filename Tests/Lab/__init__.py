"""The lab: Debian guests under QEMU, real file servers, and the two ends of shareagent between them.

Everything a lab starts runs in a network namespace of its own and ends with it. Only guest images outlive a lab (cache.py).
"""
